"""The whole report in one sentence, and what to do: for who looks at it at 3 a.m. Pure.

What to do for each trouble is what the alert for it says, so that the page and the message on the phone agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from relevo.cluster.model import Cluster
from relevo.i18n import _
from relevo.operate.answers import Answer
from relevo.operate.status import Machine, Report
from relevo.services.prometheus.alerts import alerts

State = Literal["well", "attention", "wrong"]


@dataclass(frozen=True)
class Summary:
    """`state`: well; attention: nobody feels it yet; wrong: people feel it, or would at the next fault."""

    state: State
    text: str
    advice: str = ""


def summarise(cluster: Cluster, answers: Mapping[str, Answer], report: Report) -> Summary:
    """Say how it is: the worst trouble, if there is one."""
    if trouble := next(_troubles(cluster, answers, report), None):
        return trouble
    if report.warnings:
        return Summary("attention", _("Mail works. To see to: {what}.").format(what=report.warnings[0]))
    active = report.holders[0].name
    standby = cluster.other_mail_node(cluster.nodes[active]).name
    text = _("All is well. {active} serves; {standby} is ready to take over; {storage} votes.")
    return Summary("well", text.format(active=active, standby=standby, storage=cluster.storage_node.name))


def _troubles(cluster: Cluster, answers: Mapping[str, Answer], report: Report) -> Iterator[Summary]:
    """Yield what is wrong, the worst first."""
    if not any(answer.view for answer in answers.values()):
        yield Summary("wrong", _("Nothing is known: no agent answers here."), _(
            "On this node: `systemctl status relevo-agent relevo-view`. `relevo status` on the operator's machine asks "
            "all machines by themselves."
        ))
    elif not report.holders:
        yield Summary("wrong", _nobody(cluster, answers), _advice(cluster, "NobodyServes"))
    elif len(report.holders) > 1:
        names = ", ".join(machine.name for machine in report.holders)
        text = _("Two machines have the virtual IP: {names}.").format(names=names)
        yield Summary("wrong", text, _advice(cluster, "TwoHolders"))
    else:
        yield from _while_served(cluster, answers, report, report.holders[0])


def _nobody(cluster: Cluster, answers: Mapping[str, Answer]) -> str:
    silent = [node.name for node in cluster.mail_nodes if not answers[node.name].view]
    if not silent:
        return _("Mail stands still: no machine has the virtual IP.")
    text = _("Nobody that answers has the virtual IP, and {names} says nothing.")
    return text.format(names=", ".join(silent))


def _while_served(
    cluster: Cluster, answers: Mapping[str, Answer], report: Report, active: Machine,
) -> Iterator[Summary]:
    """Yield what is wrong while one machine has the virtual IP."""
    yield from _at_work(cluster, answers, active)
    yield from _besides(cluster, answers, report)
    if not report.prospects[0].safe:
        text = _("Mail works, but {what}.").format(what=report.prospects[0].text)
        standby = cluster.other_mail_node(cluster.nodes[active.name]).name
        yield Summary("wrong", text, _advice(cluster, "NoStandby", node=standby))
    if report.problems:
        text = _("Mail works, but {what}.").format(what=report.problems[0])
        yield Summary("wrong", text, _advice(cluster, "ServiceFailing"))


def _at_work(cluster: Cluster, answers: Mapping[str, Answer], active: Machine) -> Iterator[Summary]:
    """Yield what people feel of the machine that serves."""
    if not (answers[active.name].view or {}).get("guard", {}).get("open", True):
        text = _("{node} takes mail, but nobody can read or get it yet.").format(node=active.name)
        yield Summary("wrong", text, _advice(cluster, "GateClosed"))
    for check in active.checks:
        if check.vital and check.good is False:
            text = _("{node} serves, but {what} fails there: {why}.")
            told = text.format(node=active.name, what=check.name, why=check.text)
            yield Summary("wrong", told, _advice(cluster, "ServiceFailing"))


def _besides(cluster: Cluster, answers: Mapping[str, Answer], report: Report) -> Iterator[Summary]:
    """Yield which machines are missing, or kept away from the mail."""
    for machine in report.machines:
        if machine.problem and not answers[machine.name].view:
            text = _("Mail works, but {node} says nothing: no second machine may fail until it is back.")
            told = text.format(node=machine.name)
            yield Summary("wrong", told, _advice(cluster, "AgentSilent", node=machine.name))
    views = [answer.view for answer in answers.values() if answer.view]
    if cut := sorted({str(name) for view in views for name in view["guard"]["cut"]}):
        text = _("Mail works, but {node} is cut off from the mail store.").format(node=", ".join(cut))
        yield Summary("wrong", text, _advice(cluster, "CutOff"))


def _advice(cluster: Cluster, name: str, node: str = "") -> str:
    """Return what the alert of that name tells people to do."""
    alert = next(alert for alert in alerts(cluster) if alert.name == name)
    text = _(alert.description)
    return text.replace(" NODE`", f" {node}`") if node else text

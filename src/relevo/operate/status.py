"""How the platform is: who holds the virtual IP and why, how each service is on each machine, and what if one died.

`ask_over_ssh` and `ask_here` gather what the agents say; `judge` is pure and makes the report of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from relevo.agent.ask import ask
from relevo.agent.verdict import FAULT, FRESH_SECONDS
from relevo.cluster.model import Cluster, Node
from relevo.cluster.wires import AGENT_SOCKET, ASK_AGENT
from relevo.deploy.shell import CommandFailed
from relevo.deploy.ssh import Ssh
from relevo.errors import RelevoError, UnreachableError
from relevo.i18n import _

_ASK_SECONDS = 20.0
_STALE_SECONDS = FRESH_SECONDS * 5


@dataclass(frozen=True)
class Answer:
    """What was learned of one machine: its agent's view, or why there is none. `second_hand`: from another's agent."""

    view: Mapping[str, Any] | None = None
    problem: str = ""
    second_hand: bool = False


@dataclass(frozen=True)
class Check:
    """One probe of a service on a machine; `seconds` for how long it has been so."""

    name: str
    service: str
    vital: bool
    good: bool | None
    seconds: float | None
    text: str


@dataclass(frozen=True)
class Machine:
    """One machine: `problem` is empty when its agent answers."""

    name: str
    problem: str
    is_mail: bool = True
    holder: bool = False
    holder_seconds: float | None = None
    weight: int = 0
    why: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True)
class Report:
    """The whole: `problems` are what people feel or would feel at the next fault, `warnings` what should be seen to."""

    vip: str
    machines: tuple[Machine, ...]
    outlook: str
    problems: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def fine(self) -> bool:
        """Tell whether nothing vital is wrong."""
        return not self.problems

    @property
    def holders(self) -> tuple[Machine, ...]:
        """The machines that have the virtual IP: one, none, or (a fault) more."""
        return tuple(machine for machine in self.machines if machine.holder)

    def to_json(self) -> dict[str, Any]:
        """Return it for `--format json`."""
        return {**asdict(self), "fine": self.fine, "holders": [machine.name for machine in self.holders]}


def ask_over_ssh(cluster: Cluster, ssh: Ssh) -> dict[str, Answer]:
    """Ask the agent of every machine; what one does not say itself is taken from the others."""

    def one(node: Node) -> tuple[dict[str, Any], str]:
        try:
            text = ssh.run(node, [*ASK_AGENT, "view"], within=_ASK_SECONDS)
            return json.loads(text), ""
        except UnreachableError as error:
            return {}, str(error)
        except (CommandFailed, ValueError) as error:
            return {}, _("{node}: its agent does not answer ({error})").format(node=node.name, error=error)

    with ThreadPoolExecutor() as pool:
        found = dict(zip((node.name for node in cluster.peers), pool.map(one, cluster.peers), strict=True))
    return gather(cluster, {name: whole for name, (whole, _why) in found.items()},
                  {name: why for name, (_whole, why) in found.items() if why})


def ask_here(cluster: Cluster) -> dict[str, Answer]:
    """Ask the agent of this machine, which knows the others' views; raise RelevoError when it does not run."""
    try:
        whole = json.loads(ask("view", AGENT_SOCKET))
    except (OSError, ValueError) as error:
        text = _("the agent of this machine does not answer ({error}): see `systemctl status relevo-agent`")
        raise RelevoError(text.format(error=error)) from None
    return gather(cluster, {whole["own"]["node"]: whole}, {})


def gather(cluster: Cluster, wholes: Mapping[str, Mapping[str, Any]], why: Mapping[str, str]) -> dict[str, Answer]:
    """Return an answer for each machine: its own view, else the freshest that another agent has of it."""
    answers = {}
    for node in cluster.peers:
        if whole := wholes.get(node.name):
            answers[node.name] = Answer(whole["own"])
            continue
        heard = [peer for whole in wholes.values() if (peer := (whole.get("peers") or {}).get(node.name))]
        fresh = [peer for peer in heard if peer["age"] is not None and peer["age"] < _STALE_SECONDS]
        problem = why.get(node.name, "")
        if fresh:
            answers[node.name] = Answer(min(fresh, key=lambda peer: peer["age"])["view"], problem, second_hand=True)
        else:
            silent = _("{node}: no other machine hears its agent").format(node=node.name)
            answers[node.name] = Answer(None, problem or silent)
    return answers


def judge(cluster: Cluster, answers: Mapping[str, Answer]) -> Report:
    """Make the report of what the machines answered."""
    machines = tuple(_machine(node, answers[node.name]) for node in cluster.peers)
    future, safe = outlook(cluster, answers)
    problems = (*_problems(cluster, machines, answers), *_fenced(answers), *(() if safe else (future,)))
    return Report(cluster.vip, machines, future, problems, (*_warnings(machines), *_adopted(answers)))


def outlook(cluster: Cluster, answers: Mapping[str, Answer]) -> tuple[str, bool]:
    """Say what would happen if the active machine died now, and whether another one would take over."""
    views = {node.name: answers[node.name].view for node in cluster.mail_nodes}
    active = next((name for name, view in views.items() if view and view["holder"]), None)
    if active is None:
        return _("no machine is active"), False
    other = next(name for name in views if name != active)
    if hindrance := _hindrance(cluster, other, answers):
        return _("if {active} died now, nobody could take over: {why}").format(active=active, why=hindrance), False
    if ill := sorted({fault["service"] for fault in (views[other] or {})["faults"]}):
        text = _("if {active} died now, {other} would take over, but without {services}")
        return text.format(active=active, other=other, services=", ".join(ill)), True
    return _("if {active} died now, {other} would take over").format(active=active, other=other), True


def _hindrance(cluster: Cluster, other: str, answers: Mapping[str, Answer]) -> str:
    """Return why a machine could not take over, or nothing."""
    view, third = answers[other].view, cluster.storage_node.name
    if view is None:
        return answers[other].problem
    if view["keepalived"] != "active":
        return _("keepalived on {node} is {state}").format(node=other, state=view["keepalived"] or _("unknown"))
    if view["weight"] <= FAULT:
        return f"{other}: {'; '.join(view['why'])}"
    if third != other and not _votes(answers[third]):
        return _("{third} does not vote, and {other} alone is no majority").format(third=third, other=other)
    return ""


def _votes(answer: Answer) -> bool:
    """Tell whether the third machine takes part in the database's majority."""
    return answer.view is not None and not any(
        probe["service"] == "garbd" and probe["good"] is False for probe in answer.view["probes"]
    )


def _machine(node: Node, answer: Answer) -> Machine:
    view = answer.view
    if view is None:
        return Machine(node.name, answer.problem, node.is_mail)
    checks = tuple(
        Check(probe["name"], probe["service"], probe["vital"], probe["good"], probe["since"], probe["text"])
        for probe in view["probes"]
    )
    return Machine(
        node.name, answer.problem, node.is_mail, view["holder"], view["holder_since"], view["weight"],
        tuple(view["why"]), checks,
    )


def _problems(cluster: Cluster, machines: tuple[Machine, ...], answers: Mapping[str, Answer]) -> Iterator[str]:
    holders = [machine.name for machine in machines if machine.holder]
    if not holders:
        yield _("no machine holds the virtual IP {vip}").format(vip=cluster.vip)
    elif len(holders) > 1:
        yield _("two machines hold the virtual IP {vip}: {names}").format(vip=cluster.vip, names=", ".join(holders))
    for machine in machines:
        if machine.problem:
            yield machine.problem
        view = answers[machine.name].view
        if view and cluster.nodes[machine.name].is_mail and view["keepalived"] != "active":
            state = view["keepalived"] or _("unknown")
            yield _("keepalived on {node} is {state}").format(node=machine.name, state=state)
        yield from _bad(machine, vital=True)


def _fenced(answers: Mapping[str, Answer]) -> Iterator[str]:
    """Say who is cut off from the storage, by whom, and whose gate to the mailboxes is closed although it is active."""
    by: dict[str, list[str]] = {}
    for name, view in _views(answers):
        for node in view["guard"]["cut"]:
            by.setdefault(node, []).append(name)
        if view["holder"] and not view["guard"]["open"]:
            text = _("{node} takes mail, but nobody can read or get it yet: {why}")
            yield text.format(node=name, why=view["guard"]["why"] or _("the gate is being opened"))
    for node, names in sorted(by.items()):
        yield _("{node} is cut off from the storage by {names}").format(node=node, names=", ".join(names))


def _adopted(answers: Mapping[str, Answer]) -> Iterator[str]:
    for name, view in _views(answers):
        if view["guard"]["adopts"]:
            text = _("{node} delivers the queue of {other} until that one is back")
            yield text.format(node=name, other=view["guard"]["adopts"])
        elif view["guard"]["why"] and not view["holder"]:
            yield f"{name}: {view['guard']['why']}"


def _views(answers: Mapping[str, Answer]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from ((name, answer.view) for name, answer in answers.items() if answer.view)


def _warnings(machines: tuple[Machine, ...]) -> Iterator[str]:
    for machine in machines:
        yield from _bad(machine, vital=False)


def _bad(machine: Machine, *, vital: bool) -> Iterator[str]:
    for check in machine.checks:
        if check.vital is vital and check.good is False:
            yield f"{machine.name}: {check.name}: {check.text}"

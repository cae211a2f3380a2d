"""How the platform is: who holds the virtual IP and why, how each service is on each machine, and what if one died.

`relevo.operate.answers` gathers what the agents say; `judge` is pure and makes the report of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from relevo.cluster.model import Cluster, Node
from relevo.i18n import _
from relevo.operate.answers import Answer
from relevo.operate.cause import Arrival, arrival
from relevo.operate.daemon_words import told
from relevo.operate.prospects import Prospect, active_name, prospects

_HELD = frozenset({"stops", "held", "begins"})  # phases of a database (`relevo.agent.revival`)
WELL = "well"  # what the agent says of a node with nothing to say (`relevo.agent.verdict`)


@dataclass(frozen=True)
class Check:
    """One probe of a service on a machine; all times are seconds.

    `seconds`: for how long it has been so; `age`: since it was last asked; `succeeded`: since it last succeeded;
    `took`: what the last exchange took.
    """

    name: str
    service: str
    vital: bool
    good: bool | None
    seconds: float | None
    text: str
    age: float | None = None
    succeeded: float | None = None
    took: float | None = None


@dataclass(frozen=True)
class Machine:
    """One machine: `problem` is empty when its agent answers.

    `second_hand`: all that follows was told by another machine's agent; `age`: it was so, so many seconds ago.
    """

    name: str
    problem: str
    is_mail: bool = True
    holder: bool = False
    holder_seconds: float | None = None
    weight: int = 0
    why: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    second_hand: bool = False
    age: float = 0.0


@dataclass(frozen=True)
class Report:
    """The whole: `problems` are what people feel or would feel at the next fault, `warnings` what should be seen to.

    `cause` says why the virtual IP is where it is, "" when nobody noted it.
    """

    vip: str
    machines: tuple[Machine, ...]
    cause: str
    prospects: tuple[Prospect, ...]
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


def judge(cluster: Cluster, answers: Mapping[str, Answer]) -> Report:
    """Make the report of what the machines answered."""
    active = active_name(cluster, answers)
    came = _arrival(cluster, active, answers)
    machines = tuple(_machine(node, answers[node.name]) for node in cluster.peers)
    machines = tuple(replace(one, holder_seconds=came.seconds) if one.name == active else one for one in machines)
    future = prospects(cluster, answers)
    wrong = () if future[0].safe or not active else (future[0].text,)
    problems = (*_problems(cluster, machines, answers), *_fenced(answers), *wrong)
    warnings = (*_warnings(machines), *_adopted(answers), *_held(answers), *_behind(answers))
    return Report(cluster.vip, machines, came.cause, future, problems, warnings)


def _arrival(cluster: Cluster, active: str, answers: Mapping[str, Answer]) -> Arrival:
    if not active:
        return Arrival(None)
    return arrival(active, cluster.other_mail_node(cluster.nodes[active]).name, answers)


def _machine(node: Node, answer: Answer) -> Machine:
    view = answer.view
    if view is None:
        return Machine(node.name, answer.problem, node.is_mail)
    checks = tuple(_check(probe, answer.age) for probe in view["probes"])
    since = _age(view, "holder_since", answer.age)
    return Machine(
        node.name, answer.problem, node.is_mail, view["holder"], since, view["weight"],
        tuple(told(one) for one in view["why"]), checks, answer.second_hand, round(answer.age, 3),
    )


def _check(probe: Mapping[str, Any], ago: float) -> Check:
    return Check(
        probe["name"], probe["service"], probe["vital"], probe["good"], _age(probe, "since", ago),
        told(probe["text"]), _age(probe, "age", ago), _age(probe, "succeeded", ago), probe.get("took"),
    )


def _age(said: Mapping[str, Any], key: str, ago: float) -> float | None:
    """Return an age in seconds that was told so long ago; None when it was not."""
    return None if said.get(key) is None else round(said[key] + ago, 3)


def _problems(cluster: Cluster, machines: tuple[Machine, ...], answers: Mapping[str, Answer]) -> Iterator[str]:
    holders = [machine.name for machine in machines if machine.holder]
    if not holders:
        all_answer = all(answers[node.name].view for node in cluster.mail_nodes)
        none = _("no machine holds the virtual IP {vip}")
        yield (none if all_answer else _("no machine that answers holds the virtual IP {vip}")).format(vip=cluster.vip)
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
            yield text.format(node=name, why=told(view["guard"]["why"]) or _("the gate is being opened"))
    for node, names in sorted(by.items()):
        yield _("{node} is cut off from the storage by {names}").format(node=node, names=", ".join(names))


def _adopted(answers: Mapping[str, Answer]) -> Iterator[str]:
    for name, view in _views(answers):
        if view["guard"]["adopts"]:
            text = _("{node} delivers the queue of {other} until that one is back")
            yield text.format(node=name, other=view["guard"]["adopts"])
        elif view["guard"]["why"] and not view["holder"]:
            yield f"{name}: {told(view['guard']['why'])}"


def _held(answers: Mapping[str, Answer]) -> Iterator[str]:
    """Say which databases the agents hold, to begin the cluster again with the one that went furthest."""
    text = _("{node}: no database finds a cluster; the agents look how far each had come, and begin it again")
    yield from (text.format(node=name) for name, view in _views(answers) if _phase(view) in _HELD)


def _phase(view: Mapping[str, Any]) -> str:
    database = view.get("database")
    return str(database.get("phase", "")) if isinstance(database, dict) else ""


def _behind(answers: Mapping[str, Answer]) -> Iterator[str]:
    """Say which mail node stays behind although all its services are well, and why."""
    for name, view in _views(answers):
        if view.get("drained"):
            yield _("{node} is drained: `relevo undrain {node}` puts it back into service").format(node=name)
        elif view["keepalived"] and not view["holder"] and not view["faults"] and not view["guard"]["why"]:
            yield from (f"{name}: {told(why)}" for why in view["why"] if why != WELL)


def _views(answers: Mapping[str, Answer]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from ((name, answer.view) for name, answer in answers.items() if answer.view)


def _warnings(machines: tuple[Machine, ...]) -> Iterator[str]:
    for machine in machines:
        yield from _bad(machine, vital=False)


def _bad(machine: Machine, *, vital: bool) -> Iterator[str]:
    for check in machine.checks:
        if check.vital is vital and check.good is False:
            yield f"{machine.name}: {check.name}: {check.text}"

"""Everything at one moment: the report that `relevo status` shows, and the figures that the probes count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from relevo.agent.history import DEMOTED, LOST, ORDERED, SILENT, TOOK
from relevo.cluster.model import Cluster
from relevo.directory.status.asking import Counted, Seen, ask_all
from relevo.directory.status.mailflow import MailFlow, mail_flow
from relevo.operate.answers import STALE_SECONDS, Answer, Said, gather
from relevo.operate.history import Event, merge
from relevo.operate.status import Check, Report, judge
from relevo.operate.summary import Summary, summarise

_MOVES = frozenset({TOOK, LOST, DEMOTED, ORDERED, SILENT})
_MOST_MOVES = 12
_BACKUP, _MOUNT, _HEALER = "accounts_backup/accounts backup", "storage/mail store", "glusterfs/healer"


@dataclass(frozen=True)
class Figure:
    """One figure that a probe has counted: on which machine, of what (a path, a node), so many seconds ago."""

    node: str
    of: str
    value: float
    age: float


@dataclass(frozen=True)
class Picture:
    """The platform at one moment.

    `heard`: by machine, how many seconds ago its agent was last heard, None when never. `up`: seconds since it began.
    `moves`: what happened around the virtual IP, the newest first.
    """

    at: datetime
    report: Report
    summary: Summary
    heard: Mapping[str, float | None]
    up: Mapping[str, float | None]
    drained: frozenset[str]
    figures: Mapping[str, Sequence[Figure]]
    moves: Sequence[Event]
    flow: MailFlow
    flow_why: str

    def of(self, name: str, node: str = "") -> list[Figure]:
        """Return the figures of a name (`relevo.agent.metrics`), of one machine or all."""
        return [one for one in self.figures.get(name, ()) if node in {"", one.node}]

    @property
    def certificate(self) -> Figure | None:
        """How many days the platform's certificate is still good, where it is worst."""
        return min(self.of("certificate_days"), key=lambda one: one.value, default=None)

    @property
    def backups(self) -> list[tuple[str, Check]]:
        """What each machine with copies of the accounts says of the newest."""
        return self._checks(_BACKUP)

    @property
    def stores(self) -> list[tuple[str, Check]]:
        """What each mail node says of the mail store that it has mounted."""
        return self._checks(_MOUNT)

    @property
    def healers(self) -> list[tuple[str, Check]]:
        """What each machine says of what brings its copy of the mail up to date."""
        return self._checks(_HEALER)

    def _checks(self, name: str) -> list[tuple[str, Check]]:
        return [(one.name, check) for one in self.report.machines for check in one.checks if check.name == name]


def picture() -> Picture:
    """Ask, and return how the platform is now."""
    return drawn(settings.RELEVO_CLUSTER, *ask_all(), timezone.now())


def drawn(cluster: Cluster, seen: Seen, counted: Counted, now: datetime) -> Picture:
    """Return how the platform is by what was said. Pure."""
    answers = _answers(cluster, seen)
    report = judge(cluster, answers)
    views = {name: answer.view for name, answer in answers.items() if answer.view}
    return Picture(
        now, report, summarise(cluster, answers, report), _heard(cluster, seen),
        {name: view.get("up") for name, view in views.items()},
        frozenset(name for name, view in views.items() if view.get("drained")),
        _by_name(answers), _moves(views), mail_flow(counted.flows, now), counted.why,
    )


def _answers(cluster: Cluster, seen: Seen) -> dict[str, Answer]:
    """Return what is known of each machine; what the agent said too long ago is not."""
    if seen.whole and seen.age <= STALE_SECONDS:
        return gather(cluster, {seen.whole["own"]["node"]: Said(seen.whole, age=seen.age)})
    return gather(cluster, {node.name: Said({}, seen.why) for node in cluster.peers})


def _heard(cluster: Cluster, seen: Seen) -> dict[str, float | None]:
    found: dict[str, float | None] = dict.fromkeys(node.name for node in cluster.peers)
    if seen.whole:
        found[seen.whole["own"]["node"]] = round(seen.age, 1)
        for name, peer in seen.whole["peers"].items():
            found[name] = None if peer["age"] is None else round(peer["age"] + seen.age, 1)
    return found


def _by_name(answers: Mapping[str, Answer]) -> dict[str, list[Figure]]:
    found: dict[str, list[Figure]] = {}
    for node, answer in answers.items():
        for probe in (answer.view or {}).get("probes", ()):
            for name, figure in _counted(node, probe, answer.age):
                found.setdefault(name, []).append(figure)
    return found


def _counted(node: str, probe: Mapping[str, Any], ago: float) -> Iterator[tuple[str, Figure]]:
    age = round((probe["age"] or 0.0) + ago, 1)
    for name, values in probe.get("figures", {}).items():
        yield from ((name, Figure(node, of, float(value), age)) for of, value in values.items())


def _moves(views: Mapping[str, Mapping[str, Any]]) -> list[Event]:
    """Return what each machine noted; its own agent tells more than the others have heard."""
    noted = {
        name: {(one["at"], one["event"]): one for one in (*view.get("history", ()), *view.get("moves", ()))}.values()
        for name, view in views.items()
    }
    return [event for event in reversed(merge(noted)) if event.event in _MOVES][:_MOST_MOVES]

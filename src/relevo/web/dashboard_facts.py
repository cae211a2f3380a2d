"""What is neither a machine nor a service, as the first page shows it: queues, copies, what ends, what happened."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from relevo.directory.status.picture import Figure, Picture
from relevo.operate.daemon_words import told
from relevo.operate.status import Check
from relevo.operate.words import duration, event_name
from relevo.web.dashboard_rows import asked
from relevo.web.section import moment

_FEW_DAYS, _VERY_FEW_DAYS = 21, 7  # as in the alerts


class Fact(NamedTuple):
    """A figure with its name; `state` as in a cell."""

    label: str
    text: str
    state: str
    asked: str


def facts(seen: Picture) -> list[Fact]:
    """Return what is neither a machine nor a service: queues, copies, certificate, backup."""
    found = [_queue(one) for one in seen.of("queue_messages")]
    found += [_behind(one) for one in seen.of("files_behind")]
    found += [_checked(_("Mail store on {node}"), node, check) for node, check in seen.stores]
    found += [_checked(_("Healing of the copy on {node}"), node, check) for node, check in seen.healers]
    if seen.certificate:
        found.append(_certificate(seen.certificate))
    return [*found, *(_checked(_("Copy of the accounts on {node}"), node, check) for node, check in seen.backups)]


def moves(seen: Picture) -> list[dict[str, str]]:
    """Return what happened around the virtual IP, the newest first."""
    return [
        {"when": moment(datetime.fromtimestamp(event.at, UTC)), "node": event.node, "what": event_name(event.event),
         "why": told(event.why)}
        for event in seen.moves
    ]


def flow_notes(seen: Picture) -> list[str]:
    """Return what is missing in the figures of mail, and why."""
    if seen.flow_why:
        return [seen.flow_why]
    return [_flow_note(one.node, one.age, one.why) for one in seen.flow.sources if one.why]


def _flow_note(node: str, age: float | None, why: str) -> str:
    if age is None:
        return _("There are no figures of {node} ({why}).").format(node=node, why=why)
    return _("The figures of {node} are from {time} ago ({why}).").format(node=node, time=duration(age), why=why)


def _queue(one: Figure) -> Fact:
    label = _("Queue of {node}").format(node=one.of)
    if one.of != one.node:
        label = _("Queue of {node}, delivered by {other}").format(node=one.of, other=one.node)
    return Fact(label, _("{count} waiting").format(count=int(one.value)), "plain", asked(one.age))


def _behind(one: Figure) -> Fact:
    label = _("Files on {node} that a copy lacks").format(node=one.node)
    return Fact(label, str(int(one.value)), "warned" if one.value else "good", asked(one.age))


def _checked(label: str, node: str, check: Check) -> Fact:
    state = "unknown" if check.good is None else "good" if check.good else "bad" if check.vital else "warned"
    return Fact(label.format(node=node), check.text or _("not known yet"), state, asked(check.age))


def _certificate(one: Figure) -> Fact:
    state = "bad" if one.value < _VERY_FEW_DAYS else "warned" if one.value < _FEW_DAYS else "good"
    return Fact(_("Certificate"), _("{days} days left").format(days=int(one.value)), state, asked(one.age))

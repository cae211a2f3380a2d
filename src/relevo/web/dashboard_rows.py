"""The picture of the platform as the first page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from relevo.directory.status.picture import Figure, Picture
from relevo.directory.status.telling import role_of
from relevo.operate.status import Check, Machine
from relevo.operate.words import duration, event_name, holding
from relevo.web.section import moment

_LITTLE, _VERY_LITTLE = 0.15, 0.05  # free, as in the alerts
_FEW_DAYS, _VERY_FEW_DAYS = 21, 7


class Cell(NamedTuple):
    """A service on a machine: `state` is good, warned, bad, unknown or none; the rest is in words."""

    state: str
    text: str
    more: str
    asked: str


class Meter(NamedTuple):
    """How full something is, in per cent; `state` as in a cell."""

    label: str
    used: int
    text: str
    state: str
    asked: str


class Fact(NamedTuple):
    """A figure with its name; `state` as in a cell."""

    label: str
    text: str
    state: str
    asked: str


class Card:
    """A machine."""

    def __init__(self, seen: Picture, machine: Machine) -> None:
        self._seen, self._machine = seen, machine
        self.name, self.role = machine.name, role_of(seen, machine)

    @property
    def role_name(self) -> str:
        """What it is now, in a word."""
        return {
            "active": _("active"), "standby": _("standby"), "drained": _("drained"), "witness": _("witness"),
            "silent": _("silent"),
        }[self.role]

    @property
    def sentence(self) -> str:
        """Since when and why it is what it is."""
        machine = self._machine
        if self.role == "silent":
            return _last_seen(machine.name, self._seen.heard.get(machine.name))
        if machine.holder:
            return holding(self._seen.report, machine)
        return "; ".join(machine.why)

    @property
    def problem(self) -> str:
        """Why it does not answer by itself, where others still tell of it."""
        return "" if self.role == "silent" else self._machine.problem

    @property
    def heard(self) -> str:
        """How old all of this is."""
        return "" if self.role == "silent" else _ago(self._machine.age)

    @property
    def up(self) -> str:
        """For how long the machine has been on."""
        up = self._seen.up.get(self.name)
        return "" if up is None else duration(up)

    @property
    def disks(self) -> list[Meter]:
        """Its file systems, the fullest first."""
        inodes = {one.of: one.value for one in self._seen.of("inodes_free_ratio", self.name)}
        found = [_disk(one, inodes.get(one.of)) for one in self._seen.of("disk_free_ratio", self.name)]
        return sorted(found, key=lambda one: -one.used)


def services(seen: Picture) -> list[dict[str, Any]]:
    """Return a row for each service, those with a trouble first, with a cell for each machine."""
    machines = seen.report.machines
    names = dict.fromkeys(check.service for machine in machines for check in machine.checks)
    rows = [{"name": name, "cells": [_cell(machine, name) for machine in machines]} for name in names]
    order = ("bad", "warned", "unknown", "good", "none")
    return sorted(rows, key=lambda row: min(order.index(cell.state) for cell in row["cells"]))


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
         "why": event.why}
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


def _last_seen(name: str, heard: float | None) -> str:
    if heard is None:
        return _("{node} doesn't answer, and was not heard since this node's agent began.").format(node=name)
    return _("{node} doesn't answer (last heard {time} ago).").format(node=name, time=duration(heard))


def _cell(machine: Machine, service: str) -> Cell:
    checks = [check for check in machine.checks if check.service == service]
    if not machine.why:
        return Cell("unknown", _("not known"), "", "")
    if not checks:
        return Cell("none", "-", "", "")
    asked = _asked(max((check.age for check in checks if check.age is not None), default=None))
    if bad := [check for check in checks if check.good is False]:
        state = "bad" if any(check.vital for check in bad) else "warned"
        text = _("bad for {time}").format(time=duration(bad[0].seconds))
        return Cell(state, text, "; ".join(f"{_short(check)}: {check.text}" for check in bad), asked)
    if any(check.good is None for check in checks):
        return Cell("unknown", _("not known yet"), "", asked)
    since = duration(min(check.seconds or 0 for check in checks))
    return Cell("good", _("good for {time}").format(time=since), "", asked)


def _short(check: Check) -> str:
    return check.name.partition("/")[2]


def _disk(room: Figure, inodes: float | None) -> Meter:
    free = min(room.value, 1.0 if inodes is None else inodes)
    text = _("{free} free").format(free=_percent(room.value))
    if inodes is not None:
        text = _("{free} free, {inodes} of its inodes").format(
            free=_percent(room.value), inodes=_percent(inodes)
        )
    state = "bad" if free < _VERY_LITTLE else "warned" if free < _LITTLE else "good"
    return Meter(room.of, 100 - int(free * 100), text, state, _asked(room.age))


def _queue(one: Figure) -> Fact:
    label = _("Queue of {node}").format(node=one.of)
    if one.of != one.node:
        label = _("Queue of {node}, delivered by {other}").format(node=one.of, other=one.node)
    return Fact(label, _("{count} waiting").format(count=int(one.value)), "plain", _asked(one.age))


def _behind(one: Figure) -> Fact:
    label = _("Files on {node} that a copy lacks").format(node=one.node)
    return Fact(label, str(int(one.value)), "warned" if one.value else "good", _asked(one.age))


def _checked(label: str, node: str, check: Check) -> Fact:
    state = "unknown" if check.good is None else "good" if check.good else "bad" if check.vital else "warned"
    return Fact(label.format(node=node), check.text or _("not known yet"), state, _asked(check.age))


def _certificate(one: Figure) -> Fact:
    state = "bad" if one.value < _VERY_FEW_DAYS else "warned" if one.value < _FEW_DAYS else "good"
    return Fact(_("Certificate"), _("{days} days left").format(days=int(one.value)), state, _asked(one.age))


def _percent(share: float) -> str:
    return f"{int(share * 100)} %"


def _ago(seconds: float) -> str:
    if seconds < 1:
        return _("now")
    return _("{time} ago").format(time=duration(seconds))


def _asked(age: float | None) -> str:
    return "" if age is None else _ago(age)


def cards(seen: Picture) -> Sequence[Card]:
    """Return the machines, mail nodes first."""
    return [Card(seen, machine) for machine in seen.report.machines]

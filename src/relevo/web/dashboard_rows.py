"""Machines and services as the first page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from relevo.directory.status.picture import Figure, Picture
from relevo.directory.status.telling import role_of
from relevo.operate.status import Check, Machine
from relevo.operate.words import duration, holding, reasons

_LITTLE, _VERY_LITTLE = 0.15, 0.05  # free, as in the alerts


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
        return reasons(machine)

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


def cards(seen: Picture) -> Sequence[Card]:
    """Return the machines, mail nodes first."""
    return [Card(seen, machine) for machine in seen.report.machines]


def services(seen: Picture) -> list[dict[str, Any]]:
    """Return a row for each service, those with a trouble first, with a cell for each machine."""
    machines = seen.report.machines
    names = dict.fromkeys(check.service for machine in machines for check in machine.checks)
    rows = [{"name": name, "cells": [_cell(machine, name) for machine in machines]} for name in names]
    order = ("bad", "warned", "unknown", "good", "none")
    return sorted(rows, key=lambda row: min(order.index(cell.state) for cell in row["cells"]))


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
    last = asked(max((check.age for check in checks if check.age is not None), default=None))
    if bad := [check for check in checks if check.good is False]:
        state = "bad" if any(check.vital for check in bad) else "warned"
        text = _("bad for {time}").format(time=duration(bad[0].seconds))
        return Cell(state, text, "; ".join(f"{_short(check)}: {check.text}" for check in bad), last)
    if any(check.good is None for check in checks):
        return Cell("unknown", _("not known yet"), "", last)
    since = duration(min(check.seconds or 0 for check in checks))
    return Cell("good", _("good for {time}").format(time=since), "", last)


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
    return Meter(room.of, 100 - int(free * 100), text, state, asked(room.age))


def _percent(share: float) -> str:
    return f"{int(share * 100)} %"


def _ago(seconds: float) -> str:
    if seconds < 1:
        return _("now")
    return _("{time} ago").format(time=duration(seconds))


def asked(age: float | None) -> str:
    """Say how long ago something was asked, nothing when it was not."""
    return "" if age is None else _ago(age)

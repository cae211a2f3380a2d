"""The picture as plain values, for programs: seconds, shares from 0 to 1, moments in UTC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from relevo.directory.describe import Description
from relevo.directory.status.mailflow import MailFlow
from relevo.directory.status.picture import Figure, Picture
from relevo.operate.history import Event
from relevo.operate.status import Machine


def described(seen: Picture) -> Description:
    """Describe the platform; the shape is `relevo.web.api.status_shapes.Status`."""
    report, summary = seen.report, seen.summary
    return {
        "at": _moment(seen.at.timestamp()),
        "state": summary.state,
        "summary": summary.text,
        "advice": summary.advice,
        "vip": report.vip,
        "holders": [machine.name for machine in report.holders],
        "cause": report.cause,
        "problems": list(report.problems),
        "warnings": list(report.warnings),
        "prospects": [asdict(prospect) for prospect in report.prospects],
        "machines": [_machine(seen, machine) for machine in report.machines],
        "queues": [
            {"node": one.of, "at": one.node, "messages": int(one.value), "age": one.age}
            for one in seen.of("queue_messages")
        ],
        "files_behind": [
            {"node": one.node, "files": int(one.value), "age": one.age} for one in seen.of("files_behind")
        ],
        "certificate_days": seen.certificate.value if seen.certificate else None,
        "moves": [_move(event) for event in seen.moves],
        "mail_flow": _flow(seen.flow, seen.flow_why),
    }


def role_of(seen: Picture, machine: Machine) -> str:
    """Return what a machine is now: active, standby, drained, witness, or silent when nothing is known of it."""
    if not machine.why:
        return "silent"
    if machine.holder:
        return "active"
    if machine.name in seen.drained:
        return "drained"
    return "standby" if machine.is_mail else "witness"


def _machine(seen: Picture, machine: Machine) -> Description:
    return {
        "name": machine.name, "role": role_of(seen, machine), "why": list(machine.why), "problem": machine.problem,
        "holder_seconds": machine.holder_seconds, "weight": machine.weight, "second_hand": machine.second_hand,
        "age": machine.age, "heard": seen.heard.get(machine.name), "up": seen.up.get(machine.name),
        "checks": [asdict(check) for check in machine.checks],
        "disks": _disks(seen.of("disk_free_ratio", machine.name), seen.of("inodes_free_ratio", machine.name)),
    }


def _disks(room: Sequence[Figure], inodes: Sequence[Figure]) -> list[Description]:
    free = {one.of: one.value for one in inodes}
    return [
        {"path": one.of, "free": one.value, "inodes_free": free.get(one.of), "age": one.age} for one in room
    ]


def _move(event: Event) -> Description:
    return {"at": _moment(event.at), "node": event.node, "event": event.event, "why": event.why}


def _flow(flow: MailFlow, why: str) -> Description:
    return {
        "trouble": why,
        "nodes": [{"node": one.node, "age": one.age, "trouble": one.why} for one in flow.sources],
        "hours": [
            {"began": _moment(hour.began.timestamp()), **hour.counts} for hour in flow.hours if hour.counts
        ],
    }


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")

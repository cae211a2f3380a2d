"""What must be true before the next fault is a fair one."""

from __future__ import annotations

import json

from relevo.drills.health import _problems


class Said:
    """A machine on which `relevo status` says this."""

    name = "mail01"

    def __init__(self, report: object) -> None:
        self._report = report

    def run(self, *_: str, **__: float) -> str:
        return json.dumps(self._report)


def report(service: str, *, good: bool | None) -> dict[str, object]:
    check = {"name": f"{service}/mount", "service": service, "good": good, "text": "no connection"}
    return {"problems": [], "machines": [{"name": "mail02", "checks": [check]}]}


def test_a_mount_that_lacks_a_copy_would_not_bear_the_next_fault():
    assert _problems(Said(report("glusterfs", good=False))) == ["mail02: glusterfs/mount: no connection"]


def test_a_service_that_nobody_needs_to_go_on_is_no_reason_to_wait():
    assert _problems(Said(report("clamav", good=False))) == []
    assert _problems(Said(report("glusterfs", good=None))) == []


def test_what_is_no_report_is_told():
    assert _problems(Said({"fine": True})) == ['mail01: relevo status says {"fine": true}']

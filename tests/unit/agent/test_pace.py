"""On slow machines all that the agent waits for takes longer by one factor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from relevo.agent import faults, links, ownership, pace, runner
from relevo.agent.probes import of_node

_LIMITS = """
import json
from relevo.agent import faults, links, ownership, probes, runner
probes.use_bare_packages(("amavis",))
asked = probes.of_node(("amavis",), {"amavis_inbound_port": "10024", "roles": "storage", "storage_brick": ""})
print(json.dumps([
    ownership.HEARD_SECONDS, links.EVERY_SECONDS, runner.STILL_SECONDS, faults.REPAIR_SECONDS,
    *((probe.name, probe.every, probe.timeout) for probe in asked),
]))
"""


def limits(patience: str) -> list[object]:
    """Return some limits of an agent that is told to be so patient."""
    done = subprocess.run(
        [sys.executable, "-c", _LIMITS], env={**os.environ, pace.VARIABLE: patience}, check=True, capture_output=True,
        text=True,
    )
    return list(json.loads(done.stdout))


def test_all_limits_grow_together():
    usual, slow = limits("1"), limits("10")
    assert usual[:4] == [ownership.HEARD_SECONDS, links.EVERY_SECONDS, runner.STILL_SECONDS, faults.REPAIR_SECONDS]
    assert slow[:4] == pytest.approx([10 * limit for limit in usual[:4]])  # type: ignore[operator]
    by_name = {name: (every, timeout) for name, every, timeout in usual[4:]}  # type: ignore[misc]
    for name, every, timeout in slow[4:]:  # type: ignore[misc]
        usual_every, usual_timeout = by_name[name]
        assert (every, timeout) == pytest.approx((min(10 * usual_every, 60), 10 * usual_timeout)), name


@pytest.mark.parametrize(("told", "wanted"), [
    ("", 1), ("1", 1), ("2.5", 2.5), ("30", 30), ("0.5", 1), ("31", 1), ("nan", 1), ("quick", 1),
])
def test_what_is_no_factor_counts_as_none(told: str, wanted: float):
    assert pace.factor(told) == wanted


def test_what_is_asked_once_an_hour_is_not_asked_more_seldom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("relevo.agent.probes.paced", lambda usual: usual * 10)
    found = of_node(("certificates",), {
        "tls_certificate": str(tmp_path / "none"), "roles": "mail", "storage_brick": "", "mail_mount": str(tmp_path),
    })
    assert {probe.every for probe in found if probe.name == "certificate"} == {3600}


def test_the_next_program_knows_the_factor_to_the_last_digit(monkeypatch: pytest.MonkeyPatch):
    """Else it would begin anew for ever."""
    monkeypatch.setenv(pace.VARIABLE, "1")
    pace.for_next(10 / 3)
    assert pace.factor(os.environ[pace.VARIABLE]) == 10 / 3
    assert pace.is_of(1.0)

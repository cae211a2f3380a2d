"""Every drill but the long ones passes on the running lab (`make lab`). A lab that is not there is a failure."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from typing import Any

import pytest

from relevo.drills.catalogue import DRILLS

pytestmark = pytest.mark.lab
_LONGEST_SECONDS = 1800  # failover: five faults, each with a wait until the platform is whole again


def result_of(name: str) -> tuple[int, dict[str, Any], str]:
    command = [sys.executable, "-m", "relevo.cli.main", "drill", name, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST_SECONDS, check=False)
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


def whole(check: dict[str, Any]) -> str:
    return "\n  ".join([f"{check['name']}: {check['obtained']}", *check["noted"]])


@pytest.mark.parametrize("name", [drill.name for drill in DRILLS if not drill.long])
def test_drill(name: str) -> None:
    code, told, said = result_of(name)
    assert told, said
    (drill,) = told["drills"]
    bad = [whole(check) for check in drill["checks"] if check["verdict"] != "passed"]
    assert not bad, "\n".join(bad)
    for check in drill["checks"]:
        if check["noted"]:  # it passed, and yet there is something to look at, as mail that came late
            warnings.warn(whole(check), stacklevel=1)
    assert drill["checks"]
    assert code == 0

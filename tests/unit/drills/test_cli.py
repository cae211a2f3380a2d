from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from relevo.cli import drill as verb
from relevo.drills.catalogue import DRILLS


def relevo(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "relevo.cli.main", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"},
    )


def test_the_list_names_every_drill_and_runs_none() -> None:
    done = relevo("drill", "--list")
    assert done.returncode == 0
    assert all(drill.name in done.stdout for drill in DRILLS)


def test_an_unknown_drill_is_a_mistake_of_usage() -> None:
    done = relevo("drill", "failovr")
    assert done.returncode == 2
    assert "failover" in done.stderr


def test_sigterm_ends_a_run_the_way_ctrl_c_does() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), verb._clean_end():  # noqa: SLF001 - the handler is what is tested
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before

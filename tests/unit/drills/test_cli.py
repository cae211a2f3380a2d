from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from relevo.cli import drill as verb
from relevo.drills.catalogue import DRILLS
from relevo.errors import UsageError


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


def test_a_cluster_file_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    done = relevo("drill", "data", "--file", str(tmp_path / "relevo.toml"))
    assert done.returncode
    assert "relevo init" in done.stderr
    assert "Traceback" not in done.stderr


def test_sigterm_ends_a_run_the_way_ctrl_c_does() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), verb._clean_end():  # noqa: SLF001 - the handler is what is tested
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_second_drill_on_the_same_platform_is_refused(tmp_path: Path) -> None:
    cluster = tmp_path / "relevo.toml"
    cluster.touch()
    with verb._alone(cluster), pytest.raises(UsageError, match="another drill"), verb._alone(cluster):  # noqa: SLF001
        pass
    with verb._alone(cluster):  # noqa: SLF001 - the first is over
        pass

"""keepalived answers nobody: whether it turns is seen from how often its process went to wait."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from relevo.agent.probe import Deadline, NoAnswer, ProbeFailed
from relevo.services.keepalived.health import probes, turns

STATUS = "Name:\tkeepalived\nvoluntary_ctxt_switches:\t{count}\nnonvoluntary_ctxt_switches:\t0\n"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A weight file, a PID file, and the process 100 with its child 101, as proc(5) shows them."""
    (tmp_path / "weight").write_text("180\n")
    (tmp_path / "pid").write_text("100\n")
    (tmp_path / "100" / "task" / "100").mkdir(parents=True)
    (tmp_path / "100" / "task" / "100" / "children").write_text("101 ")
    (tmp_path / "101").mkdir()
    (tmp_path / "101" / "status").write_text(STATUS.format(count=7))
    return tmp_path


def ask(machine: Path, seconds: float = 0.2) -> str:
    return turns(machine / "weight", Deadline(seconds), machine / "pid", machine)


def test_one_that_turns_is_well_and_its_weight_stays(machine: Path):
    def turn() -> None:
        time.sleep(0.05)
        (machine / "new").write_text(STATUS.format(count=8))
        (machine / "new").replace(machine / "101" / "status")

    thread = threading.Thread(target=turn)
    thread.start()
    assert ask(machine, 5) == ""
    thread.join()
    assert (machine / "weight").read_text() == "180\n"


def test_one_that_does_not_turn_hangs(machine: Path):
    with pytest.raises(NoAnswer):
        ask(machine)


def test_one_that_is_not_there_does_not_run(machine: Path):
    (machine / "100" / "task" / "100" / "children").write_text("")
    with pytest.raises(ProbeFailed, match="its process for VRRP does not run"):
        ask(machine)
    (machine / "pid").unlink()
    with pytest.raises(ProbeFailed, match="it does not run"):
        ask(machine)


def test_it_is_vital_and_repaired_even_where_the_virtual_ip_is():
    (probe,) = probes({"vrrp_weight_file": "/run/relevo/vrrp-weight"})
    assert probe.vital
    assert probe.at_once

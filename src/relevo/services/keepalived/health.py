"""Does keepalived still turn its wheel? It answers nobody, so it is made to do something: to read its weight again.

The weight file is opened for writing and closed, unchanged; that wakes the process that does VRRP, and the kernel
counts how often a process went to wait again (`voluntary_ctxt_switches`, proc_pid_status(5)).
"""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from relevo.agent.probe import AgentConfig, Deadline, Probe, ProbeFailed

_PID_FILE = Path("/run/keepalived.pid")
_PROCESSES = Path("/proc")
_COUNT = "voluntary_ctxt_switches:"
_LOOK_SECONDS = 0.005


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probe; a keepalived that hangs is killed at once, since without it no virtual IP moves."""
    check = partial(turns, Path(config["vrrp_weight_file"]))
    return (Probe("vrrp", "keepalived", check, unit="keepalived.service", at_once=True),)


def turns(weight_file: Path, deadline: Deadline, pid_file: Path = _PID_FILE, processes: Path = _PROCESSES) -> str:
    """Wake the process that does VRRP, and wait until it has turned; raise ProbeFailed when it does not."""
    status = _vrrp_process(pid_file, processes) / "status"
    before = _count(status)
    with weight_file.open("r+b"):
        pass
    while _count(status) == before:
        deadline.left()
        time.sleep(_LOOK_SECONDS)
    return ""


def _vrrp_process(pid_file: Path, processes: Path) -> Path:
    """Return the folder of keepalived's one child, which does VRRP while the parent only waits for it to die."""
    try:
        parent = pid_file.read_text(encoding="ascii").strip()
        children = (processes / parent / "task" / parent / "children").read_text(encoding="ascii").split()
    except OSError:
        raise ProbeFailed("it does not run") from None
    if not children:
        raise ProbeFailed("its process for VRRP does not run")
    return processes / children[0]


def _count(status: Path) -> str:
    for line in status.read_text(encoding="ascii").splitlines():
        if line.startswith(_COUNT):
            return line
    raise ProbeFailed(f"{status} has no {_COUNT}")

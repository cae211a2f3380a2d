"""Be where clients are: in the lab, a program runs itself again in the network of the lab's client."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from relevo.lab.local import LocalLab

_INSIDE = "RELEVO_DRILL_INSIDE"  # set once this process is in the client's network
_MACHINES = "nodes"  # the folder that every lab has beside its cluster file


def lab_of(cluster_file: Path) -> Path | None:
    """Return the lab's folder when the cluster file is that of a lab."""
    folder = cluster_file.resolve().parent
    return folder if (folder / _MACHINES).is_dir() else None


def go_outside(lab: Path) -> None:
    """Run this very command again in the network of the lab's client; returns at once when that is where we are."""
    if _INSIDE in os.environ:
        return
    command = LocalLab(lab).client_command([sys.executable, *sys.orig_argv[1:]])
    os.execvpe(command[0], command, {**os.environ, _INSIDE: "1"})  # noqa: S606 - an argument list, as everywhere

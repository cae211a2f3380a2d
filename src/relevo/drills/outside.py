"""Be where clients are: in the lab, a program runs itself again in the network of the lab's client."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from relevo.cluster import load, secrets
from relevo.deploy.rollout import SECRETS_NAME
from relevo.drills.platform import platform
from relevo.drills.vocabulary import World
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


@contextmanager
def world_of(file: Path, lab: Path | None) -> Iterator[World]:
    """Have the world of a cluster file, reached by its lab where it is one's.

    Raises RelevoError for a file, or secrets beside it, that can't be read.
    """
    cluster, secret = load.load(file), secrets.read(file.parent / SECRETS_NAME)
    with platform(cluster, file, lab) as machines:
        yield World.of(cluster, secret, machines)


@contextmanager
def lab_world(file: Path) -> Iterator[World]:
    """The same from outside of a lab, for a program that needs one: it ends where the file is not a lab's."""
    lab = lab_of(file)
    if not lab:
        sys.exit("this needs a lab: give the lab's cluster file with --file")
    go_outside(lab)
    with world_of(file, lab) as world:
        yield world

"""What the agent asks its own machine: disks, memory, clock. Standard library only."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from relevo.agent.probe import AgentConfig, Deadline, Measured, Probe, ProbeFailed

SERVICE = "host"
LEAST_FREE_BYTES = 200 * 1024 * 1024  # below it Postfix refuses mail and MariaDB is about to stall
LEAST_FREE_INODES = 0.01  # of all
LEAST_FREE_MEMORY = 0.03  # of all
_ROOM_SECONDS = 3.0  # until it is seen, whoever opens a mailbox waits for what the self-heal daemons try in vain


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes of this machine itself."""
    common: tuple[Probe, ...] = (
        Probe("disk", SERVICE, partial(_disks, ("/", "/var")), every=10, timeout=5),
        Probe("memory", SERVICE, _memory, vital=False, every=10),
    )
    if config.get("storage_kind") == "glusterfs":  # an agent may be newer than its configuration for a moment
        brick = config["storage_brick"]
        copy = Probe("copy-disk", SERVICE, partial(_disks, (brick,)), vital=False, every=_ROOM_SECONDS, timeout=5)
        common = (*common, copy)
    if "mail" not in config["roles"].split(","):
        return common
    room = Probe(
        "mail-disk", SERVICE, partial(_disks, (config["mail_mount"],)), vital=False, every=_ROOM_SECONDS, timeout=5
    )
    return (*common, room)


def _disks(paths: tuple[str, ...], _: Deadline) -> str:
    """Say how full file systems are; may hang on a dead network mount, which then is the agent's answer."""
    found = {path: os.statvfs(path) for path in paths}
    figures = {
        "disk_free_ratio": {path: round(have.f_bavail / max(have.f_blocks, 1), 4) for path, have in found.items()},
        "inodes_free_ratio": {
            path: round(have.f_favail / have.f_files, 4) for path, have in found.items() if have.f_files
        },
    }
    try:
        return Measured(", ".join(_disk(path, have) for path, have in found.items()), figures)
    except ProbeFailed as error:
        raise ProbeFailed(str(error), figures) from None


def _disk(path: str, have: os.statvfs_result) -> str:
    free = have.f_bavail * have.f_frsize
    if free < LEAST_FREE_BYTES:
        raise ProbeFailed(f"{path} is full: {free // 2**20} MiB free")
    if have.f_files and have.f_favail < have.f_files * LEAST_FREE_INODES:
        raise ProbeFailed(f"{path} has only {have.f_favail} inodes free")
    return f"{path} {free / 2**30:.1f} GiB free"


def _memory(_: Deadline) -> str:
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    have = {name: int(rest.split()[0]) for name, rest in (line.split(":", 1) for line in lines)}
    if have["MemAvailable"] < have["MemTotal"] * LEAST_FREE_MEMORY:
        raise ProbeFailed(f"only {have['MemAvailable'] // 1024} MiB of memory left")
    return f"{have['MemAvailable'] // 1024} MiB available"

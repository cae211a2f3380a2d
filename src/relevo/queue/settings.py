"""What the service is told in `/etc/relevo/queue.json`, rendered by `services/queue`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """What the service is told.

    Attributes:
        node: this machine.
        address: where it listens for the other mail node, with `port`.
        port: the same on all nodes.
        peers: names and addresses of the other mail nodes.
        certificate: PEM file with the key and certificate that all agents of the cluster share.
        socket: the UNIX socket that it makes when systemd hands it none.
        users: who may ask there, beside root.
        queue: directory of the configuration of this node's own Postfix.
        adopted: that of the Postfix that works on the other node's queue.
        adopted_unit: systemd's unit of the latter.
        units: those of Postfix, in whose journal mail is counted.
        flow: the file in which the counts are kept.
        index: the socket of what keeps the index of this node's journal (relevo.trace).
    """

    node: str
    address: str
    port: int
    peers: dict[str, str]
    certificate: str
    socket: str
    users: tuple[str, ...]
    queue: str
    adopted: str
    adopted_unit: str
    units: tuple[str, ...]
    flow: str
    index: str


def read(path: str) -> Settings:
    """Read the configuration; raises OSError, ValueError or TypeError when it is missing or damaged."""
    told = json.loads(Path(path).read_text(encoding="utf-8"))
    return Settings(**{**told, "users": tuple(told["users"]), "units": tuple(told["units"])})

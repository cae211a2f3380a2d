"""What relevo-use is told in `/etc/relevo/use.json`, rendered by `services/use`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """What it is told.

    Attributes:
        node: this machine.
        socket: MariaDB's.
        database: the schema.
        user: the account, which may write the tables of use and nothing else; `password` is its own.
        password: that.
        mailboxes: the view whose addresses are swept for mailboxes that nobody has used yet.
        units: the units of systemd whose lines are read.
        ignored: addresses of the platform's own mailboxes.
        active: the name that is there while mailboxes are this node's own.
        cursor: the file with where the journal has been read to.
        every: seconds between two turns; so old figures may be.
        journal_days: so far back the journal is read at the first start.
        device_days: so long a device is remembered that does not come again.
        most_devices: so many are remembered of one mailbox.
    """

    node: str
    socket: str
    database: str
    user: str
    password: str
    mailboxes: str
    units: tuple[str, ...]
    ignored: frozenset[str]
    active: str
    cursor: str
    every: int
    journal_days: int
    device_days: int
    most_devices: int


def read(path: str) -> Settings:
    """Read the configuration; raises OSError, ValueError or TypeError when it is missing or damaged."""
    told = json.loads(Path(path).read_text(encoding="utf-8"))
    return Settings(**{**told, "units": tuple(told["units"]), "ignored": frozenset(told["ignored"])})

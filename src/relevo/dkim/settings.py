"""What relevo-dkim is told in `/etc/relevo/dkim.json`, rendered by `services/dkim`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """What it is told.

    Attributes:
        socket: MariaDB's.
        database: the schema; `view` is in it.
        view: the keys: domain, selector, public, sealed.
        user: the account, which may read the view; `password` is its own.
        password: that.
        box_key: opens what is sealed.
        directory: where the private keys are laid, for `group` alone.
        table: the file that names those that sign.
        group: of Amavis.
        domain: whose keys go into a zone of our name servers, too; empty: none.
        zone_directory: where that zone is.
        servers: our name servers, the primary first.
        contact: the postmaster.
        ttl: seconds.
        state: the directory where it says how it is.
    """

    socket: str
    database: str
    view: str
    user: str
    password: str
    box_key: str
    directory: str
    table: str
    group: str
    domain: str
    zone_directory: str
    servers: tuple[str, ...]
    contact: str
    ttl: int
    state: str


def read(path: str) -> Settings:
    """Read the configuration; raises OSError, ValueError or TypeError when it is missing or damaged."""
    told = json.loads(Path(path).read_text(encoding="utf-8"))
    return Settings(**{**told, "servers": tuple(told["servers"])})

"""What relevo-sharing is told in `/etc/relevo/sharing.json`, rendered by `services/sharing`."""

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
        view: who shares what: mailbox, member, level.
        user: the account, which may read the view; `password` is its own.
        password: that.
        rights: the file of who may do what.
        map: the file of what is listed to whom.
        boxes: the directory of links, one for each member and shared mailbox.
        mailboxes: the mail store, where the links lead.
        prefix: the folder in which members find shared mailboxes.
        active: a name that is there while this node has the mailboxes.
        root: the socket of who may tell Dovecot something.
        state: the directory where it says how it is.
    """

    socket: str
    database: str
    view: str
    user: str
    password: str
    rights: str
    map: str
    boxes: str
    mailboxes: str
    prefix: str
    active: str
    root: str
    state: str


def read(path: str) -> Settings:
    """Read the configuration; raises OSError, ValueError or TypeError when it is missing or damaged."""
    return Settings(**json.loads(Path(path).read_text(encoding="utf-8")))

"""From the rows of the database to what Dovecot reads: rights, what is listed to whom, and the ways in. Pure.

Rights are those of RFC 4314, but `a` for nobody, not even for the owner of a mailbox: who may do what is said in the
directory alone. A mailbox has its own pattern and one for its folders, so that no address is the beginning of another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

_HEAD = "# Made by relevo-sharing out of the database; changes here are lost.\n"
_OWNER = "* owner lrwstipekx\n"
_ADDRESS = re.compile(r"[a-z0-9_][a-z0-9._-]*@[a-z0-9][a-z0-9.-]*")  # nothing else may get into a pattern or a path
_RIGHTS = {"read": "lr", "write": "lrwstipe", "manage": "lrwstipekx"}
_LINE = re.compile(r'"[^"/]+/([^"/]+)" user=(\S+) (\S+)')


class Row(NamedTuple):
    """What a member may do in a shared mailbox."""

    mailbox: str
    member: str
    level: str


@dataclass(frozen=True)
class Access:
    """What shall be there: the files' texts, and the links of each member."""

    rights: str
    map: str
    links: dict[tuple[str, str], str]  # (member, mailbox) -> the Maildir


def access(rows: Iterable[Row], prefix: str, mailboxes: str) -> Access:
    """Return what the rows ask for; `mailboxes` is where the mail store is."""
    sound = [row for row in rows if _ADDRESS.fullmatch(row.mailbox) and _ADDRESS.fullmatch(row.member)]
    lines = [
        f'"{prefix}/{row.mailbox}{below}" user={row.member} {_RIGHTS.get(row.level, _RIGHTS["read"])}\n'
        for row in sound for below in ("", "/*")
    ]
    listed = (f"shared/shared-boxes/user/{row.member}/{row.mailbox}\n1\n" for row in sound)
    links = {(row.member, row.mailbox): _maildir(row.mailbox, mailboxes) for row in sound}
    return Access(_HEAD + _OWNER + "".join(lines), "".join(listed), links)


def lost(before: str, after: str) -> set[str]:
    """Return the members who may do less, or something else, by the second text of rights than by the first."""
    now = _granted(after)
    return {member for (mailbox, member), rights in _granted(before).items() if now.get((mailbox, member)) != rights}


def _granted(rights: str) -> dict[tuple[str, str], str]:
    return {(mailbox, member): letters for mailbox, member, letters in _LINE.findall(rights)}


def _maildir(address: str, mailboxes: str) -> str:
    local_part, _at, domain = address.partition("@")
    return f"{mailboxes}/{domain}/{local_part}/Maildir"

"""From the rows of the database to the private keys that sign, and the table that names them. Pure.

A key that can't be opened, or is not the one that is published, must not sign: what can't be verified is worse than
what is not signed. The domain keeps the key that it has on this node, if any; every other domain is served.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from relevo.cluster.pki import dkim_public_key
from relevo.cluster.sealing import WrongKey, unseal
from relevo.dkim.database import Row

_HEAD = "# Made by relevo-dkim out of the database; changes here are lost.\n"


class Entry(NamedTuple):
    """A line of the table: whose key, what it is called, and the file."""

    domain: str
    selector: str
    file: str


@dataclass(frozen=True)
class Keyring:
    """What shall be there: the private keys by their files, the table's text, and what is wrong, in sentences."""

    files: Mapping[str, str]
    table: str
    troubles: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many domains have a key that signs."""
        return len(entries(self.table))


def keyring(rows: Iterable[Row], box_key: str, directory: str, before: str) -> Keyring:
    """Return what the rows ask for; `before` is the table as it is on this node."""
    files: dict[str, str] = {}
    lines: list[Entry] = []
    troubles: list[str] = []
    kept = {entry.domain: entry for entry in entries(before)}
    for row in rows:
        if not row.sealed:
            continue
        entry = Entry(row.domain, row.selector, f"{directory}/{row.domain}.{row.selector}.pem")
        try:
            files[entry.file] = opened(row, box_key)
        except ValueError as error:
            troubles.append(f"the key {row.selector} of {row.domain} can't be used: {error}")
            if not (entry := kept.get(row.domain)):  # type: ignore[assignment]
                continue
        lines.append(entry)
    return Keyring(files, _HEAD + "".join(f"{' '.join(entry)}\n" for entry in lines), tuple(troubles))


def opened(row: Row, box_key: str) -> str:
    """Return the private key of a row, PEM; raise ValueError when it is not to be used."""
    try:
        pem = unseal(row.sealed, box_key).decode()
    except WrongKey as error:
        raise ValueError(f"{error}; was `dkim_box_key` in the secrets file changed?") from None
    if dkim_public_key(pem) != row.public:
        raise ValueError("it is not the one that is published")
    return pem


def entries(table: str) -> list[Entry]:
    """Return the lines of a table."""
    lines = (line.split() for line in table.splitlines() if line.strip() and not line.startswith("#"))
    return [Entry(*words) for words in lines if len(words) == len(Entry._fields)]

"""Who may read which view; nobody but Relevo itself reads the tables."""

from __future__ import annotations

from typing import NamedTuple

from relevo.cluster import wires


class Right(NamedTuple):
    """A privilege on a view, or with `column` on that column of it."""

    privilege: str
    view: str
    column: str = ""


RIGHTS: dict[str, frozenset[Right]] = {
    wires.DATABASE_POSTFIX: frozenset(
        {
            Right("SELECT", wires.VIEW_DOMAINS),
            Right("SELECT", wires.VIEW_MAILBOXES, "address"),  # it needs no password hash
            Right("SELECT", wires.VIEW_MAILBOXES, "quota_mb"),
            Right("SELECT", wires.VIEW_ALIASES),
            Right("SELECT", wires.VIEW_SENDERS),
            Right("SELECT", wires.VIEW_LIST_POSTERS),
        }
    ),
    wires.DATABASE_DOVECOT: frozenset({Right("SELECT", wires.VIEW_MAILBOXES)}),
    wires.DATABASE_ROUNDCUBE: frozenset(  # its password page: UPDATE ... WHERE address = ...
        {Right("SELECT", wires.VIEW_PASSWORDS), Right("UPDATE", wires.VIEW_PASSWORDS, "password")}
    ),
}

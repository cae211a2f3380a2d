"""Who may do what with which view or table; daemons see views alone."""

from __future__ import annotations

from typing import NamedTuple

from relevo.cluster import wires


class Right(NamedTuple):
    """A privilege on a view or a table, or with `column` on that column of it."""

    privilege: str
    view: str
    column: str = ""


# The web's account has rows, never tables: those are made and changed by `apply` with the owner's account.
_CHANGED_ON_THE_WEB = (
    "directory_domain", "directory_mailbox", "directory_forward", "directory_alias", "directory_aliastarget",
    "directory_distributionlist", "directory_listmember", "directory_listsender", "directory_mirroredaddress",
    "directory_administrator", "directory_administrator_domains", "directory_failedlogin", "django_session",
    "directory_apitoken", "directory_keptanswer",
    "directory_authenticatorapp", "directory_securitykey", "directory_recoverycode", "directory_waitingimport",
    "directory_apppassword", "directory_ownerapp", "directory_ownerrecoverycode",
    "directory_dkimkey",
    "directory_senderrule", "directory_quarantinemark",
    "directory_ownerchoice", "directory_digestrun", "directory_digest", "directory_digestlink",
    "directory_sharedmark", "directory_sharedmember",
    "directory_guard",
    "directory_listowner", "directory_postmark", "directory_postnotice", "directory_postlink",
)
_USE = ("directory_mailboxuse", "directory_deviceuse", "directory_usereading")
_ROWS = ("SELECT", "INSERT", "UPDATE", "DELETE")

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
    wires.DATABASE_DOVECOT: frozenset(
        {
            Right("SELECT", wires.VIEW_MAILBOXES),
            Right("SELECT", wires.VIEW_APP_PASSWORDS),
            Right("SELECT", wires.VIEW_SHARED),  # relevo-sharing asks in its name
        }
    ),
    wires.DATABASE_AMAVIS: frozenset(
        {Right("SELECT", wires.VIEW_SENDER_RULES), Right("SELECT", wires.VIEW_LIST_WAYS)}
    ),
    wires.DATABASE_ROUNDCUBE: frozenset(  # its password page: UPDATE ... WHERE address = ...
        {Right("SELECT", wires.VIEW_PASSWORDS), Right("UPDATE", wires.VIEW_PASSWORDS, "password")}
    ),
    wires.DATABASE_DKIM: frozenset({Right("SELECT", wires.VIEW_DKIM)}),
    wires.DATABASE_USE: frozenset(
        {
            *(Right(privilege, table) for table in _USE for privilege in _ROWS),
            Right("SELECT", wires.VIEW_MAILBOXES, "address"),
        }
    ),
    wires.DATABASE_WEB: frozenset(
        {
            *(Right(privilege, table) for table in _CHANGED_ON_THE_WEB for privilege in _ROWS),
            Right("SELECT", "directory_auditentry"),
            Right("INSERT", "directory_auditentry"),  # nobody rewrites what was done, not even who broke in
            Right("SELECT", "django_content_type"),
            *(Right("SELECT", table) for table in _USE),
        }
    ),
}

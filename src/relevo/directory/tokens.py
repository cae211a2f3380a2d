"""Tokens: what a program shows to use the API in the name of an administrator.

A token is 256 random bits. What can't be guessed needs no slow hash: SHA-256 costs a request nothing, and its digest is
looked up by an index. What a token may do is its scopes, and never more than its administrator may at that moment.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import Error
from django.db.models import QuerySet
from django.utils import timezone

from relevo.directory import administrators, audit
from relevo.directory.api_models import ApiToken
from relevo.directory.database import changing
from relevo.directory.models import Administrator
from relevo.errors import DirectoryError
from relevo.i18n import _

PREFIX = "relevo_"  # scanners for secrets that got into a repository find it
READ, WRITE = "read", "write"
DOMAINS, MAILBOXES, ALIASES, LISTS, QUEUE, QUARANTINE, SENDER_RULES, TRACE, ADMINISTRATORS, AUDIT, STATUS = KINDS = (
    "domains", "mailboxes", "aliases", "lists", "queue", "quarantine", "sender-rules", "trace", "administrators",
    "audit", "status",
)
_READ_ONLY = frozenset({TRACE, AUDIT, STATUS})  # nobody changes these
GLOBAL = frozenset({ADMINISTRATORS, STATUS})  # a matter of global administrators
SCOPES = tuple(
    f"{kind}:{right}" for kind in KINDS for right in (READ, WRITE) if right == READ or kind not in _READ_ONLY
)
DAYS, MOST_DAYS = 90, 730
_RANDOM_BYTES = 32
_NAME_LENGTH = 100
_NOTED_EVERY = timedelta(minutes=1)  # Galera would be written to at every request otherwise


@changing
def add(address: str, name: str, *, scopes: Iterable[str] | None = None, days: int = DAYS) -> ApiToken:
    """Make a token; it stands in `plain` of what is returned, and nowhere else.

    Args:
        address: of the administrator in whose name it acts.
        name: the program's, for people who look at the list.
        scopes: out of SCOPES; a kind's `write` includes its `read`. None: it reads all that its administrator sees.
        days: so long it is good, 1 to 730.
    """
    administrator = administrators.find(address)
    wanted = _scopes(administrator, offered(administrator, READ) if scopes is None else scopes)
    if not 1 <= days <= MOST_DAYS:
        raise DirectoryError(_("a token is good for 1 to {most} days").format(most=MOST_DAYS))
    plain = PREFIX + secrets.token_hex(_RANDOM_BYTES)
    made = ApiToken.objects.create(
        administrator=administrator, name=_name(name), digest=digest(plain), scopes=wanted,
        expires_at=timezone.now() + timedelta(days=days),
    )
    made.plain = plain
    audit.record("admin.token.add", administrator.address, id=made.pk, name=made.name, scopes=wanted, days=days)
    return made


@changing
def remove(number: int) -> None:
    """Remove a token; the program that has it is refused at once."""
    found = find(number)
    audit.record("admin.token.remove", found.administrator.address, id=found.pk, name=found.name)
    found.delete()


def find(number: int) -> ApiToken:
    """Return a token by its number."""
    if not (found := listing().filter(pk=number).first()):
        raise DirectoryError(_("there is no token {number}: `relevo token list` shows them").format(number=number))
    return found


def listing() -> QuerySet[ApiToken]:
    """Return the tokens."""
    return ApiToken.objects.select_related("administrator")


def offered(administrator: Administrator, *rights: str) -> list[str]:
    """Return the scopes that can mean anything for an administrator; with `rights` only these."""
    kinds = [kind for kind in KINDS if administrator.is_global or kind not in GLOBAL]
    wanted = {f"{kind}:{right}" for kind in kinds for right in rights or (READ, WRITE)}
    return [scope for scope in SCOPES if scope in wanted]


def recognise(plain: str) -> ApiToken | None:
    """Return the token that a program shows, whether it is still good or not; None when it is nobody's."""
    return listing().filter(digest=digest(plain)).first()


def may(token: ApiToken, scope: str) -> bool:
    """Tell whether a token has a scope; who may write may read."""
    return not {scope, scope.replace(f":{READ}", f":{WRITE}")}.isdisjoint(token.scopes)


def note_use(token: ApiToken) -> None:
    """Note that a token is used, once a minute; a database that only reads now hinders no reading."""
    now = timezone.now()
    if not token.last_used_at or token.last_used_at <= now - _NOTED_EVERY:
        with suppress(DirectoryError, Error):
            _note(token, now)


@changing
def _note(token: ApiToken, now: datetime) -> None:
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def digest(plain: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(plain.encode(errors="replace")).hexdigest()


def _scopes(administrator: Administrator, texts: Iterable[str]) -> list[str]:
    wanted = set(texts)
    for text in sorted(wanted - set(SCOPES)):
        raise DirectoryError(_("{scope!r} is no scope: take of {scopes}").format(scope=text, scopes=", ".join(SCOPES)))
    for text in sorted(wanted - set(offered(administrator))):
        raise DirectoryError(
            _("{address} is no global administrator, so a token of theirs can't have {scope}")
            .format(address=administrator, scope=text)
        )
    if not wanted:
        raise DirectoryError(_("a token needs at least one scope: take of {scopes}").format(scopes=", ".join(SCOPES)))
    return [scope for scope in SCOPES if scope in wanted]


def _name(text: str) -> str:
    name = text.strip()
    if not name or len(name) > _NAME_LENGTH or not name.isprintable():
        raise DirectoryError(
            _("a token's name is that of its program, 1 to {most} characters").format(most=_NAME_LENGTH)
        )
    return name

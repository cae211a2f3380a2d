"""The audit trail: who changed what, when and from where; written in the transaction of the change itself."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from relevo.directory.models import AuditEntry

actor: ContextVar[str] = ContextVar("actor", default="")
source: ContextVar[str] = ContextVar("source", default="")  # the client's address, when it comes by the web
_token: ContextVar[str] = ContextVar("token", default="")  # the name of the one that a program came with


@contextmanager
def acting(who: str, client: str) -> Iterator[None]:
    """Note changes as those of an administrator, or of nobody yet (an empty name), who comes from that address."""
    before = actor.set(who), source.set(client), _token.set("")
    try:
        yield
    finally:
        actor.reset(before[0])
        source.reset(before[1])
        _token.reset(before[2])


def act_as(who: str, token: str) -> None:
    """Note changes as those of an administrator whose program has shown a token, until the `acting` around it ends."""
    actor.set(who)
    _token.set(token)


def record(action: str, subject: str, **detail: object) -> None:
    """Note a change, e.g. `record("mailbox.add", "ana@example.org", quota_mb=100)`; never a password or its hash."""
    record_all(action, {subject: detail})


def record_all(action: str, details: Mapping[str, Mapping[str, object]]) -> None:
    """Note the same change of several subjects, each with its details."""
    token = {"token": told} if (told := _token.get()) else {}
    who = (actor.get() or system_user())[:200]
    AuditEntry.objects.bulk_create(
        AuditEntry(
            actor=who, source=source.get(), action=action, subject=subject, domain=subject.rpartition("@")[2],
            detail={**detail, **token},
        )
        for subject, detail in details.items()
    )


def system_user() -> str:
    """Return who runs this process: the person behind SSH or sudo when that is known."""
    if name := os.environ.get("RELEVO_ACTOR") or os.environ.get("SUDO_USER"):
        return name
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())

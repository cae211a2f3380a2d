"""Tell Dovecot on this node that an account has changed.

Dovecot remembers an account's row for `auth_cache_ttl` (30 s): without the flush an old password works that long. The
other node's Dovecot serves nobody while it has no virtual IP, and forgets by itself within those 30 s.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from django.db import transaction

from relevo.cluster.wires import FORGET_SOCKET
from relevo.directory import dovecot

_many: ContextVar[bool] = ContextVar("many", default=False)


@contextmanager
def many() -> Iterator[None]:
    """Change thousands of accounts meanwhile: Dovecot forgets those by itself, but for who must be out at once."""
    token = _many.set(True)
    try:
        yield
    finally:
        _many.reset(token)


def account_changed(address: str, *, lost: bool = False) -> None:
    """After the commit, have Dovecot forget what it knows of an account; with `lost`, also end its sessions.

    `address` may be `@` and a domain: all its accounts.
    """
    if _many.get() and not lost:
        return
    transaction.on_commit(lambda: flush(address, lost=lost))


def flush(address: str, *, lost: bool = False) -> None:
    """Have it forget now: by ourselves when we are root, else by who is (the web has no right to)."""
    if os.geteuid() != 0 and Path(FORGET_SOCKET).exists():
        dovecot.ask_root(address, lost=lost)
    else:
        dovecot.forget(address, lost=lost)

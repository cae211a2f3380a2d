"""Tell Dovecot on this node that an account has changed.

Dovecot remembers an account's row for `auth_cache_ttl` (30 s): without the flush an old password works that long. The
other node's Dovecot serves nobody while it has no virtual IP, and forgets by itself within those 30 s.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.db import transaction

from relevo.cluster.wires import FORGET_SOCKET
from relevo.directory import dovecot


def account_changed(address: str, *, lost: bool = False) -> None:
    """After the commit, have Dovecot forget what it knows of an account; with `lost`, also end its sessions."""
    transaction.on_commit(lambda: flush(address, lost=lost))


def flush(address: str, *, lost: bool = False) -> None:
    """Have it forget now: by ourselves when we are root, else by who is (the web has no right to)."""
    if os.geteuid() != 0 and Path(FORGET_SOCKET).exists():
        dovecot.ask_root(address, lost=lost)
    else:
        dovecot.forget(address, lost=lost)

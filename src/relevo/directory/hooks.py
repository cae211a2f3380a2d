"""Tell Dovecot on this node that an account has changed.

Dovecot remembers an account's row for `auth_cache_ttl` (30 s): without the flush an old password works that long. The
other node's Dovecot serves nobody while it has no virtual IP, and forgets by itself within those 30 s.
"""

from __future__ import annotations

import shutil

from django.db import transaction

from relevo.deploy.shell import succeeds

_WITHIN = 5  # seconds; a Dovecot that is down has nothing to forget


def account_changed(address: str, *, lost: bool = False) -> None:
    """After the commit, have Dovecot forget what it knows of an account; with `lost`, also end its sessions."""
    transaction.on_commit(lambda: flush(address, lost=lost))


def flush(address: str, *, lost: bool = False) -> None:
    """Flush one account from Dovecot's auth cache now, where there is a Dovecot."""
    if not (doveadm := shutil.which("doveadm")):
        return
    succeeds([doveadm, "auth", "cache", "flush", address], within=_WITHIN)
    if lost:
        succeeds([doveadm, "kick", address], within=_WITHIN)

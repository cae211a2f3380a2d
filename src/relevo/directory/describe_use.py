"""How mailboxes are used, as plain values, for CLI and API; figures are some minutes old."""

from __future__ import annotations

from typing import Any

from relevo.directory import app_passwords, describe, use
from relevo.directory.describe import Description, moment
from relevo.directory.models import Domain, Mailbox
from relevo.directory.owner_models import AppPassword
from relevo.directory.use_models import DeviceUse

# Figures that become others by themselves.
MEASURED = frozenset({
    "last_login_at", "last_login_protocol", "quota_used_bytes", "quota_counted_at", "quota_given_mb",
})


def used_mailbox(entry: Mailbox) -> Description:
    """Describe a mailbox out of `use.shown`, with its figures; None for what is not known or was never.

    They are no part of what it is set to: an ETag leaves them out (MEASURED).
    """
    figures: Any = entry
    return {
        **describe.mailbox(entry),
        "last_login_at": moment(figures.last_login_at),
        "last_login_protocol": figures.last_protocol or "",
        "quota_used_bytes": figures.quota_used,
        "quota_counted_at": moment(figures.quota_at),
    }


def used_domain(entry: Domain) -> Description:
    """Describe a domain out of `use.summed`, with what its mailboxes hold and may hold in sum."""
    figures: Any = entry
    return {
        **describe.domain(entry),
        "quota_used_bytes": figures.quota_used or 0,
        "quota_given_mb": figures.quota_given_mb or 0,
    }


def use_of(box: Mailbox) -> Description:
    """Describe what is known of a mailbox's use, its devices and app passwords among it."""
    last = use.of_app_passwords(box)
    return {
        "as_of": moment(use.as_of().at),
        "devices": [_device(one) for one in use.devices(box)],
        "app_passwords": [_app_password(row, last.get(row.pk)) for row in app_passwords.of(box)],
    }


def _device(entry: use.Device) -> Description:
    kinds = {None: "unknown", 0: "own"}
    return {
        "protocol": entry.use.protocol,
        "program": entry.use.program,
        "client": entry.use.client,
        "password": kinds.get(entry.use.app, "app"),
        "app_password": entry.app or "",
        "first_seen": moment(entry.use.first_at),
        "last_seen": moment(entry.use.last_at),
    }


def _app_password(row: AppPassword, last: DeviceUse | None) -> Description:
    return {
        "name": row.name,
        "protocols": [name for name in app_passwords.PROTOCOLS if getattr(row, name)],
        "created": moment(row.created_at),
        "last_used_at": moment(last.last_at) if last else None,
        "last_used_protocol": last.protocol if last else "",
        "last_used_client": last.client if last else "",
    }

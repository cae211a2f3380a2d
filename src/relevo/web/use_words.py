"""Devices in words, for the administration and the portal."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relevo.directory.use import Device

PROTOCOLS = {
    "imap": gettext_lazy("mail fetched (IMAP)"), "pop3": gettext_lazy("mail fetched (POP3)"),
    "smtp": gettext_lazy("mail sent (SMTP)"), "webmail": gettext_lazy("webmail"),
}


def device_in_words(device: Device) -> str:
    """Return what it is, how it came, from where and with which password."""
    parts = (
        device.use.program, str(PROTOCOLS.get(device.use.protocol, device.use.protocol)),
        _("from {client}").format(client=device.use.client) if device.use.client else "", password_in_words(device),
    )
    return ", ".join(filter(None, parts))


def password_in_words(device: Device) -> str:
    """Return with which password it came; empty where that is not known."""
    if device.by_own_password:
        return _("with the mailbox's own password")
    if device.use.app is None:
        return ""
    return _("with the app password “{name}”").format(name=device.app) if device.app else _(
        "with an app password that is revoked"
    )

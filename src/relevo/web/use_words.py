"""Devices in words, for the administration and the portal."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from relevo.directory.use import Device

PROTOCOLS = {
    "imap": _("mail fetched (IMAP)"), "pop3": _("mail fetched (POP3)"),
    "smtp": _("mail sent (SMTP)"), "webmail": _("webmail"),
}


def device_in_words(device: Device) -> str:
    """Return what it is, how it came, from where and with which password."""
    name, *more = name_and_more(device)
    return ", ".join((name, *filter(None, more)))


def name_and_more(device: Device) -> tuple[str, str]:
    """Return what a device is called, by what it does when it says no name, and the rest in words."""
    place = str(_("from {client}")).format(client=device.use.client) if device.use.client else ""
    how = str(PROTOCOLS.get(device.use.protocol, device.use.protocol))
    name, *rest = filter(None, (device.use.program, how, place, password_in_words(device)))
    return name, ", ".join(rest)


def password_in_words(device: Device) -> str:
    """Return with which password it came; empty where that is not known."""
    if device.by_own_password:
        return str(_("with the mailbox's own password"))
    if device.use.app is None:
        return ""
    if not device.app:
        return str(_("with an app password that is revoked"))
    return str(_("with the app password “{name}”")).format(name=device.app)

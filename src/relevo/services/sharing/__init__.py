"""Shared mailboxes: see README.md beside this file."""

from relevo.services.base import MAIL, Service

SERVICE = Service(name="sharing", title="shared mailboxes", roles=MAIL)

"""Accounts: see README.md beside this file."""

from relevo.services.base import MAIL, Service

SERVICE = Service(name="directory", title="accounts", roles=MAIL)

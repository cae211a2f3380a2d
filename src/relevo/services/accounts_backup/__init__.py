"""Nightly backup of the accounts: see README.md beside this file."""

from relevo.services.base import STORAGE, Service

SERVICE = Service(name="accounts_backup", title="nightly backup of the accounts", roles=STORAGE)

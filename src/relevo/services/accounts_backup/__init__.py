"""Nightly copy of the accounts: see README.md beside this file."""

from relevo.services.base import STORAGE, Service

SERVICE = Service(name="accounts_backup", title="nightly copy of the accounts", roles=STORAGE)

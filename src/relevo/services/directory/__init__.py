"""Accounts: see README.md beside this file."""

from relevo.services.base import MAIL, Service, one_after_another

# Two nodes that make the same view at once can hang in Galera for ever, each waiting for the other's statement.
SERVICE = Service(name="directory", title="accounts", roles=MAIL, first=one_after_another)

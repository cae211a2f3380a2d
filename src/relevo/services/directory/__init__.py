"""Accounts: see README.md beside this file."""

from relevo.services.base import MAIL, Service

# The second node finds what the first has made: tables and first entries are in the database that they share.
SERVICE = Service(
    name="directory",
    title="accounts",
    roles=MAIL,
    first=lambda cluster: [[node.name] for node in cluster.mail_nodes],
)

"""Database (MariaDB Galera): see README.md beside this file."""

from relevo.services.base import MAIL, Service, one_after_another

# The preferred node first: it starts the cluster that the others join.
SERVICE = Service(name="mariadb", title="database (MariaDB Galera)", roles=MAIL, first=one_after_another)

"""Database (MariaDB Galera): see README.md beside this file."""

from relevo.services.base import MAIL, Service

SERVICE = Service(name="mariadb", title="database (MariaDB Galera)", roles=MAIL)

"""How Django reaches the accounts' database on a node, as whichever account."""

from __future__ import annotations

from relevo.cluster.wires import DATABASE, MYSQL_SOCKET


def database(user: str, password: str) -> dict[str, object]:
    """Return an entry of Django's DATABASES."""
    return {
        "ENGINE": "relevo.directory.backend",
        "NAME": DATABASE,
        "USER": user,
        "PASSWORD": password,
        "HOST": MYSQL_SOCKET,
        "OPTIONS": {
            "charset": "utf8mb4",
            "connect_timeout": 5,
            "ssl_disabled": True,  # it is a UNIX socket; PyMySQL would encrypt there, too
            "isolation_level": "repeatable read",  # the one that Galera certifies
            "init_command": "SET wsrep_sync_wait = 7",  # see what the other node has committed before
        },
    }

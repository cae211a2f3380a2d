"""Django's settings on a node: a pure function of the cluster file and the secrets that lie there."""

from __future__ import annotations

from pathlib import Path

from relevo.cluster.load import load
from relevo.cluster.secrets import read
from relevo.cluster.wires import CLUSTER_FILE, DATABASE, DATABASE_ADMIN, MYSQL_SOCKET, SECRETS_FILE

_cluster = load(Path(CLUSTER_FILE))
_secrets = read(Path(SECRETS_FILE))

SECRET_KEY = _secrets.reveal("django_key")
USE_TZ = True
TIME_ZONE = _cluster.cluster.timezone
LANGUAGE_CODE = _cluster.cluster.language
INSTALLED_APPS = ["relevo.directory", "django.contrib.sessions"]  # sessions of the web: their table is made with ours
AUTH_USER_MODEL = "directory.Administrator"
DATABASES = {
    "default": {
        "ENGINE": "relevo.directory.backend",
        "NAME": DATABASE,
        "USER": DATABASE_ADMIN,
        "PASSWORD": _secrets.reveal("database_admin"),
        "HOST": MYSQL_SOCKET,
        "OPTIONS": {
            "charset": "utf8mb4",
            "connect_timeout": 5,
            "isolation_level": "repeatable read",  # the one that Galera certifies
            "init_command": "SET wsrep_sync_wait = 7",  # see what the other node has committed before
        },
    }
}

RELEVO_DOMAIN = _cluster.domain
RELEVO_POSTMASTER = _cluster.cluster.postmaster
RELEVO_DEFAULT_QUOTA_MB = _cluster.mail.default_quota_mb

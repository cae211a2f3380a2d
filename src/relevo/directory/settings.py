"""Django's settings on a node: a pure function of the cluster file and the secrets that lie there."""

from __future__ import annotations

from pathlib import Path

from relevo.cluster.load import load
from relevo.cluster.sealing import lock_of
from relevo.cluster.secrets import read
from relevo.cluster.wires import CLUSTER_FILE, DATABASE_ADMIN, SECRETS_FILE
from relevo.directory.connection import database
from relevo.records.facts import facts

_cluster = load(Path(CLUSTER_FILE))
_secrets = read(Path(SECRETS_FILE))

SECRET_KEY = _secrets.reveal("django_key")
USE_TZ = True
TIME_ZONE = _cluster.cluster.timezone
LANGUAGE_CODE = _cluster.cluster.language
# The last two are the web's: their tables are made with ours.
INSTALLED_APPS = ["relevo.directory", "django.contrib.contenttypes", "django.contrib.sessions"]
AUTH_USER_MODEL = "directory.Administrator"
DATABASES = {"default": database(DATABASE_ADMIN, _secrets.reveal("database_admin"))}

RELEVO_HOSTNAME = _cluster.hostname
RELEVO_DOMAIN = _cluster.domain
RELEVO_POSTMASTER = _cluster.cluster.postmaster
RELEVO_DEFAULT_QUOTA_MB = _cluster.mail.default_quota_mb
RELEVO_SECOND_FACTOR = _cluster.web.second_factor
RELEVO_DNS = facts(_cluster, outside=True).as_json()
RELEVO_DKIM_SELECTOR = _cluster.dns.dkim_selector
RELEVO_DKIM_LOCK = lock_of(_secrets.reveal("dkim_box_key"))
RELEVO_QUARANTINE_DAYS = _cluster.filter.quarantine_days
RELEVO_QUARANTINE_MB = _cluster.filter.quarantine_mb
RELEVO_DIGEST = _cluster.filter.sends_digest
RELEVO_DIGEST_HOUR = _cluster.filter.digest_hour
RELEVO_QUARANTINE_PASSWORD = _secrets.reveal("quarantine_mailbox")

"""Django's settings on a node. Of the secrets the web sees its own three alone, in the file that systemd hands it."""

from __future__ import annotations

import json
import os
from pathlib import Path

from relevo.cluster.model import Cluster
from relevo.directory.connection import database
from relevo.web.base import *  # noqa: F403 - settings are extended so

_told = json.loads(Path(os.environ["CREDENTIALS_DIRECTORY"], "web.json").read_text(encoding="utf-8"))

SECRET_KEY = _told["secret_key"]  # the same on both nodes: signs sessions
# A thread keeps its connection from page to page, and looks whether it still answers: to open one costs more than most
# questions.
DATABASES = {"default": {
    **database(_told["database_user"], _told["database_password"]), "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True,
}}
ALLOWED_HOSTS = [_told["hostname"]]
TIME_ZONE = _told["timezone"]
LANGUAGE_CODE = _told["language"]  # for browsers that want neither of ours
STATIC_ROOT = _told["static_root"]

RELEVO_HOSTNAME = _told["hostname"]
RELEVO_DOMAIN = _told["domain"]
RELEVO_POSTMASTER = _told["postmaster"]
RELEVO_DEFAULT_QUOTA_MB = _told["default_quota_mb"]
RELEVO_SECOND_FACTOR = _told["second_factor"]
RELEVO_CLUSTER = Cluster.model_validate(_told["platform"])  # as much of it as the report is judged by
RELEVO_DNS = _told["dns"]
RELEVO_DKIM_SELECTOR = _told["dkim_selector"]
RELEVO_DKIM_LOCK = _told["dkim_lock"]  # closes and does not open: the web makes keys that it can't read again
RELEVO_QUARANTINE_DAYS = _told["quarantine_days"]
RELEVO_QUARANTINE_MB = _told["quarantine_mb"]
RELEVO_DIGEST = _told["digest"]
RELEVO_DIGEST_HOUR = _told["digest_hour"]
RELEVO_QUARANTINE_PASSWORD = _told["quarantine_password"]

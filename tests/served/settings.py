"""Django's settings for a whole site on this machine: SQLite in a file, plain HTTP on loopback."""

import os
from pathlib import Path

from tests.unit.directory.settings import *  # noqa: F403 - settings are extended so

FOLDER = Path(os.environ["RELEVO_SERVED_FOLDER"])
RELEVO_HOSTNAME = os.environ.get("RELEVO_SERVED_HOST", "localhost")
ALLOWED_HOSTS = [RELEVO_HOSTNAME]
TIME_ZONE = "America/La_Paz"
DATABASES = {"default": {
    "ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER / "directory.sqlite",
    # Readers wait for nobody, writers for each other as long as a busy machine takes.
    "OPTIONS": {"timeout": 120, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"},
}}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = False  # no TLS here

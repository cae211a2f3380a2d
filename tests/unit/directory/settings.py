"""Django's settings for the unit tests: the same models, functions and pages on SQLite in memory."""

from relevo.web.base import *  # noqa: F403 - settings are extended so

SECRET_KEY = "for tests"
ALLOWED_HOSTS = ["mail.example.org"]
LANGUAGE_CODE = "en"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
RELEVO_HOSTNAME = "mail.example.org"
RELEVO_DOMAIN = "example.org"
RELEVO_POSTMASTER = "postmaster@example.org"
RELEVO_DEFAULT_QUOTA_MB = 2048
RELEVO_SECOND_FACTOR = "optional"
RELEVO_QUARANTINE_DAYS = 30
RELEVO_QUARANTINE_MB = 1024
RELEVO_QUARANTINE_PASSWORD = "secret of the quarantine"

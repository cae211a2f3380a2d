"""Django's settings for the unit tests: the same models and functions on SQLite in memory."""

SECRET_KEY = "for tests"
USE_TZ = True
INSTALLED_APPS = ["relevo.directory", "django.contrib.sessions"]
AUTH_USER_MODEL = "directory.Administrator"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
RELEVO_DOMAIN = "example.org"
RELEVO_POSTMASTER = "postmaster@example.org"
RELEVO_DEFAULT_QUOTA_MB = 2048

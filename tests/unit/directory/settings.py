"""Django's settings for the unit tests: the same models, functions and pages on SQLite in memory."""

from relevo.cluster.model import Cluster
from relevo.cluster.sealing import lock_of
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
RELEVO_CLUSTER = Cluster.model_validate({
    "cluster": {"name": "lab", "domain": "example.org"},
    "network": {"subnet": "192.168.100.0/24", "vip": "192.168.100.100"},
    "nodes": {
        "mail01": {"address": "192.168.100.11", "roles": ["mail"], "priority": 110},
        "mail02": {"address": "192.168.100.12", "roles": ["mail"]},
        "storage01": {"address": "192.168.100.10", "roles": ["storage"]},
    },
})
RELEVO_DNS = {
    "hostname": "mail.example.org", "domain": "example.org", "postmaster": "postmaster@example.org",
    "dmarc_policy": "reject", "senders": "ip4:192.0.2.1 -all", "addresses": ["192.0.2.1"], "ttl": 300, "managed": True,
}
RELEVO_DKIM_SELECTOR = "relevo"
RELEVO_DKIM_LOCK = lock_of("key of the box")
RELEVO_QUARANTINE_DAYS = 30
RELEVO_QUARANTINE_MB = 1024
RELEVO_DIGEST = True
RELEVO_DIGEST_HOUR = 7
RELEVO_QUARANTINE_PASSWORD = "secret of the quarantine"

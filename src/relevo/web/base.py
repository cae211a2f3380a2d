"""Django's settings of the web that are the same on a node, in tests and when static files are collected."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from relevo.i18n import LOCALE

_SESSION_SECONDS = 8 * 3600  # a working day
_CHOICE_SECONDS = 365 * 86400

ROOT_URLCONF = "relevo.web.urls"
# Django's `auth` and `admin` have no tables here (`relevo.directory.install` makes the others'): rights are a matter of
# `relevo.directory.scope`, and who did what stands in the audit log.
INSTALLED_APPS = [
    "relevo.web",  # before Unfold, some of whose files it replaces
    "unfold.apps.BasicAppConfig",  # before Django's admin, whose templates it replaces
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "relevo.directory",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "relevo.web.middleware.content_policy",
    "relevo.web.middleware.rooms",  # around everything that sets a cookie
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "relevo.web.middleware.language",
    "relevo.web.api.middleware.problems",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "relevo.web.middleware.actor",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

AUTH_USER_MODEL = "directory.Administrator"
AUTHENTICATION_BACKENDS = ["relevo.web.login.Administrators"]
LOGIN_URL, LOGIN_REDIRECT_URL = "admin:login", "admin:index"

# --- Sessions are in the database, which is Galera: who is logged in stays so on the other node -----------------------
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "relevo_session"
SESSION_COOKIE_AGE = _SESSION_SECONDS
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = "/admin/"  # the webmail and the portal get none
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = "relevo_csrf"
LANGUAGE_COOKIE_NAME = "relevo_language"
LANGUAGE_COOKIE_AGE = _CHOICE_SECONDS
LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Safety: HSTS is nginx's, which answers for the whole host name ---------------------------------------------------
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # only nginx reaches the socket, and it says so
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "relevo.web.views.expired"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20  # bytes: a list of some ten thousand addresses
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]  # tables have passwords: no disk
FILE_UPLOAD_MAX_MEMORY_SIZE = 6 << 20  # as nginx takes; a larger one is no file

# --- Languages: the browser's until one is chosen. Our own words, Unfold's too, are in `relevo.po` --------------------
USE_I18N = USE_TZ = True
LANGUAGES = [("es", "Español"), ("en", "English")]
LOCALE_PATHS = [LOCALE]

STATIC_URL = "/admin/static/"
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"journal": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["journal"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},  # no mail to Django's ADMINS
        "relevo.web": {"level": "INFO"},
    },
}

UNFOLD = {
    "SITE_TITLE": "Relevo",
    "SITE_HEADER": "Relevo",
    "SITE_SUBHEADER": "relevo.web.site.hostname",
    "SITE_SYMBOL": "swap_horiz",
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "SIDEBAR": {"navigation": "relevo.web.site.navigation"},
    "ACCOUNT": {
        "navigation": [
            {"title": _("Change my password"), "link": "relevo.web.site.password_link"},
            {"title": _("My second factors"), "link": "relevo.web.site.factors_link"},
        ]
    },
}

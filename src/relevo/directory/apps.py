"""The Django application."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DirectoryConfig(AppConfig):
    """The accounts of the platform."""

    name = "relevo.directory"
    label = "directory"
    verbose_name = _("Accounts")
    default_auto_field = "django.db.models.BigAutoField"

"""The Django application."""

from __future__ import annotations

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    """The accounts of the platform."""

    name = "relevo.directory"
    label = "directory"
    default_auto_field = "django.db.models.BigAutoField"

"""The Django application."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The administration on the web; before Unfold among the applications, since it replaces some of its files."""

    name = "relevo.web"
    label = "web"

    def ready(self) -> None:
        """Keep Django from looking, when an administrator is removed, into its own log, which has no table here."""
        from django.contrib.admin.models import LogEntry  # noqa: PLC0415 - models are loaded by now
        from django.db.models import DO_NOTHING  # noqa: PLC0415 - the same

        LogEntry._meta.get_field("user").remote_field.on_delete = DO_NOTHING  # noqa: SLF001 - a documented name

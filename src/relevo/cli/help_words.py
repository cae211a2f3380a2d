"""What Typer writes into the help of each command by itself, in English alone: in the reader's language.

The headings, which are made where the help is drawn, are in `usage.py`: what draws it is slow to import.
"""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from relevo.i18n import _, gettext_noop

TYPERS_OPTIONS = (
    gettext_noop("Show this message and exit."),
    gettext_noop("Install completion for the current shell."),
    gettext_noop("Show completion for the current shell, to copy it or customize the installation."),
)


class Command(TyperCommand):
    """A command whose help is in the reader's language as a whole."""

    def get_usage(self, ctx: typer.Context) -> str:  # type: ignore[override]
        """Return the first line of the help."""
        return _usage(super().get_usage(ctx))

    def get_params(self, ctx: typer.Context) -> list[Any]:  # type: ignore[override]
        """Return the arguments and options."""
        return _told(super().get_params(ctx))


class Group(TyperGroup):
    """The same for a group of commands."""

    def get_usage(self, ctx: typer.Context) -> str:  # type: ignore[override]
        """Return the first line of the help."""
        return _usage(super().get_usage(ctx))

    def get_params(self, ctx: typer.Context) -> list[Any]:  # type: ignore[override]
        """Return the arguments and options."""
        return _told(super().get_params(ctx))


def _usage(text: str) -> str:
    return text.replace("Usage:", _("Usage:"), 1)


def _told(parameters: list[Any]) -> list[Any]:
    """Translate Typer's own options; ours are it already."""
    for one in parameters:
        if (text := getattr(one, "help", None)) in TYPERS_OPTIONS:
            one.help = _(text)
    return parameters

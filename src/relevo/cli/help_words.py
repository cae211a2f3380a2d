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


class _InOneLanguage:
    """What both kinds of commands change; the class to which it is mixed in comes behind it."""

    def get_usage(self, ctx: typer.Context) -> str:
        """Return the first line of the help."""
        text: str = super().get_usage(ctx)  # type: ignore[misc]
        return text.replace("Usage:", _("Usage:"), 1)

    def get_params(self, ctx: typer.Context) -> list[Any]:
        """Return the arguments and options, Typer's own translated; ours are it already."""
        parameters: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for one in parameters:
            if (text := getattr(one, "help", None)) in TYPERS_OPTIONS:
                one.help = _(text)
        return parameters


class Command(_InOneLanguage, TyperCommand):  # type: ignore[misc]
    """A command whose help is in the reader's language as a whole."""


class Group(_InOneLanguage, TyperGroup):  # type: ignore[misc]
    """The same for a group of commands."""

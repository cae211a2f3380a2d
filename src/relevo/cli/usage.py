"""What is wrong with a command line, in the reader's language: Typer says it in English alone."""

from __future__ import annotations

import re

import typer
from typer import rich_utils

from relevo.i18n import _, gettext_noop

_SAYINGS = tuple((re.compile(pattern, re.DOTALL), saying) for pattern, saying in (
    (r"No such command '(?P<name>.*)'\. Did you mean (?P<close>.*)\?",
     gettext_noop("there is no command {name}; did you mean {close}?")),
    (r"No such command '(?P<name>.*)'\.", gettext_noop("there is no command {name}")),
    (r"No such option: (?P<name>\S+) \(Possible options: (?P<close>.*)\)",
     gettext_noop("there is no option {name}; did you mean {close}?")),
    (r"No such option: (?P<name>\S+)", gettext_noop("there is no option {name}")),
    (r"Missing (?:argument|option|parameter) '(?P<name>[^']+)'\..*", gettext_noop("{name} is missing")),
    (r"Got unexpected extra argument\(s\) \((?P<words>.*)\)", gettext_noop("nothing is known to do with: {words}")),
    (r"Option '(?P<name>.*)' requires an argument\.", gettext_noop("{name} needs a value")),
    (r"Option '(?P<name>.*)' does not take a value\.", gettext_noop("{name} takes no value")),
))
_OF_A_VALUE = re.compile(r"Invalid value for '(?P<name>[^']+)': (?P<why>.*)", re.DOTALL)
_VALUES = tuple((re.compile(pattern, re.DOTALL), saying) for pattern, saying in (
    (r"Input should be a valid integer.*", gettext_noop("must be a whole number")),
    (r"Input should be a valid number.*", gettext_noop("must be a number")),
    (r"Input should be greater than or equal to (?P<least>\S+)", gettext_noop("must be {least} or more")),
    (r"Input should be less than or equal to (?P<most>\S+)", gettext_noop("must be {most} or less")),
    (r"(?:Value error, )?(?P<value>'.*') is not one of (?P<values>.*)\.",
     gettext_noop("{value} is none of the possible values: {values}")),
))


def complaint(error: typer.TyperException) -> str:
    """Return what to tell the operator; empty where the help has been shown in its place."""
    text = error.format_message()
    if value := _OF_A_VALUE.fullmatch(text):
        said = f"{value['name']}: {_said(value['why'], _VALUES)}"
    else:
        said = _said(text, _SAYINGS)
    path = getattr(getattr(error, "ctx", None), "command_path", "")
    if not said or not path:
        return said
    return _("{mistake} (`{command}` shows what can be said)").format(mistake=said, command=f"{path} --help")


def translate_headings() -> None:
    """Have the help's own words in the reader's language, as far as Typer keeps them where they can be changed."""
    words = {
        "ARGUMENTS_PANEL_TITLE": _("Arguments"), "OPTIONS_PANEL_TITLE": _("Options"),
        "COMMANDS_PANEL_TITLE": _("Commands"), "DEFAULT_STRING": _("[default: {}]"),
        "REQUIRED_LONG_STRING": f"[{_('required')}]",
    }
    for name, word in words.items():
        setattr(rich_utils, name, word)
    rich_utils.OptionHighlighter.highlights.append(f"(?P<usage>{_('Usage:')} )")


def _said(text: str, sayings: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    for pattern, saying in sayings:
        if found := pattern.fullmatch(text):
            return _(saying).format(**found.groupdict())
    return text

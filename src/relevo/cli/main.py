"""The command `relevo`: the one place that prints errors and sets exit codes."""

from __future__ import annotations

import inspect
import sys
import traceback
from importlib import import_module
from typing import Annotated

import typer
from rich.console import Console

from relevo.cli.help_words import Command, Group
from relevo.errors import RelevoError
from relevo.i18n import _

# verb -> (module in relevo.cli, name of its Typer app or function); imported when the command line is read
GROUPS = {
    "domain": "domain",
    "mailbox": "mailbox",
    "shared": "shared",
    "alias": "alias",
    "list": "held",  # with the commands of lists.py
    "admin": "admin",
    "token": "tokens",
    "queue": "queue",
    "dkim": "dkim",
    "quarantine": "quarantine",
    "sender": "senders",
    "dns": "dns",
    "notify": "notify",
    "recover": "recover",
    "storage": "storage",
    "lab": "lab",
}
COMMANDS = {
    "init": "init",
    "check": "check",
    "plan": "plan",
    "apply": "apply",
    "status": "status",
    "history": "history",
    "trace": "trace",
    "switchover": "planned",
    "drain": "planned",
    "undrain": "planned",
    "reboot": "maintenance",
    "replace": "maintenance",
    "upgrade": "maintenance",
    "drill": "drill",
}
_USAGE = 2
_INTERRUPTED = 130


def build(verb: str) -> typer.Typer:
    """Return the application with the verb that was asked for, or with all of them."""
    app = typer.Typer(
        name="relevo",
        cls=Group,
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        help=_("A corporate mail platform on three machines that survives the loss of any one of them."),
    )
    app.callback()(_options)
    for name, module in COMMANDS.items():
        if verb in {name, ""}:
            app.command(name)(getattr(import_module(f"relevo.cli.{module}"), name))
    for name, module in GROUPS.items():
        if verb in {name, ""}:
            app.add_typer(import_module(f"relevo.cli.{module}").app, name=name, cls=Group)
    _translate_help(app)
    return app


def _translate_help(app: typer.Typer) -> None:
    """Translate the help of the commands whose help is their docstring, and what Typer adds to it."""
    for command in app.registered_commands:
        command.cls = Command
        if text := command.help or inspect.getdoc(command.callback):
            command.help = _(text)
    for group in app.registered_groups:
        if group.typer_instance:
            _translate_help(group.typer_instance)


def _options(
    *, debug: Annotated[bool, typer.Option("--debug", help=_("show where an error came from"))] = False
) -> None:
    """Take the options that stand before the verb."""


def main() -> None:
    """Run the command line and exit: 0 fine, 1 failed, 2 usage or configuration, 3 changes pending."""
    arguments = sys.argv[1:]
    words = [word for word in arguments if not word.startswith("-")]
    verb = words[0] if words and words[0] in {*GROUPS, *COMMANDS} else ""
    if not words or (words == [verb] and verb in GROUPS) or {"-h", "--help"} & {*arguments}:
        import_module("relevo.cli.usage").translate_headings()  # help may be shown; what it takes is slow to import
    try:
        code = build(verb)(standalone_mode=False)
    except RelevoError as error:
        _complain(str(error))
        if "--debug" in arguments:
            traceback.print_exc()
        sys.exit(error.exit_code)
    except typer.TyperException as error:
        if text := import_module("relevo.cli.usage").complaint(error):
            _complain(text)
        sys.exit(_USAGE)
    except (KeyboardInterrupt, typer.Abort):
        _complain(_("interrupted; what was half done is finished by the next run"))
        sys.exit(_INTERRUPTED)
    sys.exit(code if isinstance(code, int) else 0)


def _complain(text: str) -> None:
    Console(stderr=True, highlight=False).print(f"[bold red]{_('error:')}[/bold red] ", end="")
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main()

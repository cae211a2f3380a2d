"""What the commands on accounts share: where they run, passwords, tables.

On a node a command works on the database directly. On the operator's machine the same command line goes over SSH to the
node that holds the virtual IP; passwords and questions are asked here, and passwords go there by stdin.
"""

from __future__ import annotations

import getpass
import json
import os
import shutil
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer
from rich.console import Console
from rich.table import Table

from relevo import directory
from relevo.cli.common import Format, cluster_file, prose
from relevo.cluster.wires import RELEVO_COMMAND, SECRETS_FILE
from relevo.errors import UsageError
from relevo.i18n import _

if TYPE_CHECKING:
    from relevo.directory.quarantine.reading import Reading

PasswordStdin: TypeAlias = Annotated[
    bool, typer.Option("--password-stdin", help=_("read the password from stdin (one line) instead of asking for it"))
]
DomainOption: TypeAlias = Annotated[str, typer.Option("--domain", help=_("only those of this domain"))]
EnabledOption: TypeAlias = Annotated[bool | None, typer.Option("--enabled/--disabled", help=_("switch it on or off"))]

_WIDE = 240  # columns of a table that no terminal limits
_LOCALE_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def run(
    ctx: typer.Context, file: Path | None, work: Callable[[], None], *, stdin: str | None = None,
    options: Sequence[str] = (),
) -> int:
    """Do a command's work here when this is a node, else have the node that holds the virtual IP do it.

    Args:
        ctx: of the command, whose command line is sent.
        file: the cluster file that the command was given; with one this machine is the operator's, even on a node.
        work: what to do on a node; Django is ready when it is called.
        stdin: what the command gets there to read (a password).
        options: added to the command line there, since what they stand for was asked here.

    Returns:
        The exit code.
    """
    if file or not Path(SECRETS_FILE).exists():
        return _send([*command_line(ctx, options)], file, stdin)
    if not os.access(SECRETS_FILE, os.R_OK):
        raise UsageError(_("only root may do that on a node: use sudo"))
    directory.start()
    from relevo.directory.database import explained  # noqa: PLC0415 - needs a started Django

    with explained():
        work()
    return 0


def command_line(ctx: typer.Context, options: Sequence[str] = ()) -> list[str]:
    """Return the words of a command as given, but for the cluster file, e.g. `mailbox add -- ana@example.org`."""
    words: list[str] = []
    arguments: list[str] = []
    for parameter in ctx.command.params:
        name, value = str(parameter.name), ctx.params.get(str(parameter.name))
        source = ctx.get_parameter_source(name)
        if name == "file" or value is None or (source is not None and source.name == "DEFAULT"):
            continue
        values = value if isinstance(value, list | tuple) else [value]
        if parameter.param_type_name == "argument":
            arguments += map(str, values)
        elif isinstance(value, bool):
            words.append(parameter.opts[0] if value else parameter.secondary_opts[0])
        else:
            words += [f"{parameter.opts[0]}={item}" for item in values]
    words += [option for option in options if option not in words]
    group = [str(ctx.parent.info_name)] if ctx.parent and ctx.parent.parent else []  # else it is `relevo` itself
    return [*group, str(ctx.info_name), *words, *(["--", *arguments] if arguments else [])]


def environment() -> list[str]:
    """Return what the command needs to know of this terminal there: the language, the width, and who is asking."""
    language = next((os.environ[name] for name in _LOCALE_VARIABLES if os.environ.get(name)), "C")
    width = [f"COLUMNS={shutil.get_terminal_size().columns}"] if sys.stdout.isatty() else []
    who = f"{getpass.getuser()}@{socket.gethostname()}"
    return [f"LANGUAGE={language}", "LC_ALL=C.UTF-8", f"RELEVO_ACTOR={who}", *width]


def ask_password(*, from_stdin: bool) -> str:
    """Return a password: one line of stdin, or asked for twice without showing it."""
    if from_stdin:
        if password := sys.stdin.readline().rstrip("\r\n"):
            return password
        raise UsageError(_("there is no password on stdin"))
    _require_terminal(_("there is no terminal to ask for the password: give it with --password-stdin"))
    return str(typer.prompt(_("Password"), hide_input=True, confirmation_prompt=_("The same again"), err=True))


def confirm(question: str, *, yes: bool) -> None:
    """Go on when the answer is yes; `yes` says that it was given on the command line."""
    if yes:
        return
    _require_terminal(_("there is no terminal to ask: say --yes if you mean it"))
    typer.confirm(question, abort=True, err=True)


def show(entries: Sequence[Mapping[str, object]], headings: Mapping[str, str], output: Format) -> None:
    """Write entries to stdout: as JSON with all they have, or as a table with the columns of `headings`."""
    if output == "json":
        show_one(list(entries))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings.values():
        table.add_column(heading, overflow="fold")
    for entry in entries:
        table.add_row(*(_cell(entry[key]) for key in headings))
    wide = sys.stdout.isatty() or "COLUMNS" in os.environ
    Console(highlight=False, markup=False, width=None if wide else _WIDE).print(table)


def show_one(entry: object) -> None:
    """Write one entry, or what belongs together, to stdout as JSON."""
    sys.stdout.write(json.dumps(entry, ensure_ascii=False, indent=2) + "\n")


def say_all(sentences: Sequence[str], then: str = "") -> None:
    """Tell all that was done, and what comes next."""
    *first, last = sentences
    for sentence in first:
        prose.print(sentence, markup=False)
    say(last, then)


def say(sentence: str, then: str = "") -> None:
    """Tell on stderr what was done, and what comes next as the last line."""
    prose.print(sentence, markup=False)
    if then:
        prose.print(_("Next: {step}").format(step=then), markup=False)


def say_removed(address: str) -> None:
    """Say that a mailbox is removed, shared or not, and what becomes of its mail."""
    say(
        _("{address} is removed; its mail stays.").format(address=address),
        _("relevo mailbox restore {address} brings it back, relevo mailbox purge {address} deletes it for good")
        .format(address=address),
    )


def none_when(value: str | None, *, removed: bool, option: str) -> str | None:
    """Return the value to set: the given one, empty when it is taken away, None when it stays."""
    if value is not None and removed:
        raise UsageError(_("--{option} and --no-{option} can't both be meant").format(option=option))
    return "" if removed else value


def _send(words: list[str], file: Path | None, stdin: str | None) -> int:
    from relevo.cluster.load import load  # noqa: PLC0415 - a node's commands don't need it, and start faster
    from relevo.deploy.ssh import Ssh  # noqa: PLC0415 - the same
    from relevo.operate.active import active_node  # noqa: PLC0415 - the same

    path = cluster_file(file)
    cluster = load(path)
    with Ssh(cluster, path.parent) as ssh:
        node = active_node(cluster, ssh)
        return ssh.passthrough(node, ["env", *environment(), RELEVO_COMMAND, *words], stdin=stdin)


def _require_terminal(otherwise: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError(otherwise)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return "\n".join(map(str, value))
    return "" if value is None else str(value)


def show_content(content: Reading) -> None:
    """Show what is in a message: its headers, its text, and of attachments what they are."""
    sys.stdout.write("".join(f"\n{name}: {value}" for name, value in content.headers) + f"\n\n{content.text}\n")
    attached = [f"\n[{one.name or '-'}, {one.kind}, {one.size}]" for one in content.attachments]
    sys.stdout.write("".join(attached) + "\n")

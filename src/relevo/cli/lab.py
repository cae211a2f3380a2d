"""`relevo lab`: three machines, a client and a foreign mail server on this computer."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeAlias

import typer
from rich.table import Table

from relevo.cli.common import FormatOption, data, prose
from relevo.i18n import _
from relevo.lab.contract import MachineState
from relevo.lab.image import remove_image
from relevo.lab.local import LocalLab
from relevo.lab.machines import allow_time
from relevo.lab.people import add_people
from relevo.lab.workspace import Driver, default_folder

app = typer.Typer(no_args_is_help=True, help=_("Three machines, a client and a foreign mail server on this computer."))

FolderOption: TypeAlias = Annotated[
    Path | None, typer.Option("--folder", envvar="RELEVO_LAB", help=_("the lab's folder; this clone's .lab by default"))
]
SuiteOption: TypeAlias = Annotated[
    str, typer.Option("--suite", help=_("the Debian of new machines: trixie (13) or bookworm (12)"))
]
NodeArgument: TypeAlias = Annotated[str, typer.Argument(help=_("a machine, e.g. mail01, or client"))]
ServiceArgument: TypeAlias = Annotated[str, typer.Argument(help=_("a unit, e.g. dovecot; all units without it"))]
_STATES = {"running": "green", "degraded": "yellow", "off": "red", "frozen": "cyan"}
_MEBIBYTE = 1 << 20


@app.command()
def up(
    folder: FolderOption = None,
    driver: Annotated[
        Driver | None,
        typer.Option("--driver", help=_("what the machines are: nspawn (containers, the default) or vm (QEMU)")),
    ] = None,
    no_apply: Annotated[bool, typer.Option("--no-apply", help=_("only boot the machines"))] = False,
    suite: SuiteOption = "",
    storage: Annotated[str, typer.Option("--storage", help=_("where a new lab keeps its mail: glusterfs or nfs"))] = "",
) -> None:
    """Make and boot the machines, and build the platform on them."""
    lab = _lab(folder, suite)
    lab.up(driver, storage)
    allow_time(slow=lab.is_slow)
    if not no_apply:
        from relevo.cli.apply import converge  # noqa: PLC0415 - pyinfra takes half a second to load

        converge(lab.folder / "relevo.toml", "lab up")
        add_people(lab)
    prose.print(_("The machines are up. Next: relevo lab status, relevo drill."))


@app.command()
def down(
    folder: FolderOption = None,
    image: Annotated[bool, typer.Option("--image", help=_("delete the cached image too"))] = False,
) -> None:
    """End and delete the machines; the cluster file and its secrets stay."""
    lab = _lab(folder)
    images = lab.images() if image else set()
    lab.down()
    for path in images:
        remove_image(path)


@app.command()
def status(folder: FolderOption = None, format_: FormatOption = "table") -> None:
    """Show the machines, and the addresses to open in a browser."""
    lab = _lab(folder)
    states, doors, logins = lab.status(), lab.doors(), lab.logins()
    if format_ == "json":
        machines = {name: asdict(state) for name, state in states.items()}
        data.print_json(data={"machines": machines, "doors": doors, "logins": logins})
        return
    data.print(_machines(states))
    for what, address in doors.items():
        data.print(f"{what:<22} {address}", soft_wrap=True)
    for address, password in logins.items():
        data.print(f"{address:<42} {password}", soft_wrap=True)


@app.command(name="exec", context_settings={"ignore_unknown_options": True})
def execute(node: NodeArgument, command: list[str], folder: FolderOption = None) -> int:
    """Run a command in a machine, not by its network: relevo lab exec mail01 -- systemctl status."""
    return subprocess.call(_lab(folder).machine_command(node, command))


@app.command()
def ssh(node: NodeArgument, folder: FolderOption = None) -> int:
    """Log in to a machine, as `ssh -F .lab/ssh_config NODE` does."""
    lab = _lab(folder)
    lab.machine_command(node, [])
    return subprocess.call(["ssh", "-F", str(lab.folder / "ssh_config"), node])


@app.command()
def crash(node: NodeArgument, folder: FolderOption = None) -> None:
    """Cut a machine's power."""
    _lab(folder).crash(node)


@app.command(name="shut-down")
def shut_down(node: NodeArgument, folder: FolderOption = None) -> None:
    """Switch a machine off in order."""
    _lab(folder).shut_down(node)


@app.command()
def start(node: NodeArgument, folder: FolderOption = None) -> None:
    """Boot a machine that is off."""
    _lab(folder).start(node)


@app.command()
def renew(node: NodeArgument, folder: FolderOption = None, suite: SuiteOption = "") -> None:
    """Put a new machine with an empty disk in the place of one: relevo replace makes it a part of the platform."""
    _lab(folder).renew(node, suite)


@app.command()
def cut(node: NodeArgument, folder: FolderOption = None) -> None:
    """Pull a machine's network cable."""
    _lab(folder).cut(node)


@app.command()
def heal(node: NodeArgument, folder: FolderOption = None) -> None:
    """Put a machine's network cable back."""
    _lab(folder).heal(node)


@app.command()
def block(sender: NodeArgument, receiver: NodeArgument, folder: FolderOption = None) -> None:
    """Drop all that one machine sends to another; what comes the other way passes."""
    _lab(folder).block(sender, receiver)


@app.command()
def unblock(sender: NodeArgument, receiver: NodeArgument, folder: FolderOption = None) -> None:
    """Let it pass again."""
    _lab(folder).unblock(sender, receiver)


@app.command()
def freeze(node: NodeArgument, service: ServiceArgument = "", folder: FolderOption = None) -> None:
    """Stop a service's processes from running without ending them, or those of the whole machine."""
    _lab(folder).freeze(node, service)


@app.command()
def thaw(node: NodeArgument, service: ServiceArgument = "", folder: FolderOption = None) -> None:
    """Let frozen processes go on."""
    _lab(folder).thaw(node, service)


def _lab(folder: Path | None, suite: str = "") -> LocalLab:
    return LocalLab(folder or default_folder(), lambda sentence: prose.print(f"[dim]{sentence}…[/dim]"), suite)


def _machines(states: Mapping[str, MachineState]) -> Table:
    table = Table(_("machine"), _("address"), _("state"), _("network"), _("memory"), box=None, pad_edge=False)
    for state in states.values():
        colour = _STATES.get(state.state, "yellow")
        network = f"[red]{_('cut')}[/red]" if state.cut else "" if state.state == "off" else _("connected")
        memory = f"{state.memory / _MEBIBYTE:.0f} MiB" if state.memory else ""
        table.add_row(state.name, state.address, f"[{colour}]{state.state}[/{colour}]", network, memory)
    return table

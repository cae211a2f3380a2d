"""`relevo drill`: does the platform keep its promises? Clients from outside try it; things are broken on purpose."""

from __future__ import annotations

import fcntl
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from relevo.cli.common import FileOption, FormatOption, cluster_file, data, prose
from relevo.errors import UsageError
from relevo.i18n import _

if TYPE_CHECKING:  # the drills' libraries are an option: other verbs work without
    from relevo.drills.drill import Drill
    from relevo.drills.result import Check, Run
    from relevo.drills.runner import Live

_WIDEST = 200  # columns of the table of results where no terminal limits it: sentences are folded
_LIBRARIES = ("dkim", "dns", "playwright")


def drill(
    names: Annotated[
        list[str] | None, typer.Argument(help=_("drills to run; when none is named, all but the long ones"))
    ] = None,
    *,
    file: FileOption = None,
    repeat: Annotated[int, typer.Option(min=1, max=100, help=_("run them that often, show how figures spread"))] = 1,
    report: Annotated[
        Path | None, typer.Option(help=_("write a report (HTML, JSON, screenshots) into this folder"))
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0.1, max=1440, help=_("only for chaos, load and owners: for how long"))
    ] = None,
    schedules: Annotated[
        int | None, typer.Option(min=1, max=10_000, help=_("only for owners: how many random schedules"))
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0, help=_("only for chaos and owners: the same seed breaks the same things; if none, random or 1")
        ),
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help=_("show what there is to run, and run nothing"))] = False,
    format_: FormatOption = "table",
) -> int:
    """Try the platform as its clients do, break it on purpose, and show what came of it; exit 1 when a check fails."""
    _demand_libraries()
    from relevo.drills.catalogue import DRILLS, chosen  # noqa: PLC0415 - its libraries are an option
    from relevo.drills.outside import go_outside, lab_of  # noqa: PLC0415 - only drills need the lab's driver
    from relevo.lab.local import LocalLab  # noqa: PLC0415 - the same
    from relevo.lab.machines import allow_time  # noqa: PLC0415 - the same

    drills = chosen(names or [])
    if list_:
        table = Table(_("name"), _("title"), _("promise"), box=None, pad_edge=False)
        for one in drills if names else DRILLS:
            table.add_row(one.name, one.title, one.promise + (_(" (long: only by its name)") if one.long else ""))
        data.print(table)
        return 0
    drills = _tuned(drills, minutes, seed, schedules)
    path = cluster_file(file)
    if lab := lab_of(path):
        go_outside(lab)
        allow_time(slow=LocalLab(lab).is_slow)
    run = _run(path, lab, drills, repeat)
    _show(run, report, format_)
    return run.exit_code(asked_by_name=bool(names))


def _tuned(
    drills: Sequence[Drill], minutes: float | None, seed: int | None, schedules: int | None
) -> tuple[Drill, ...]:
    """Return the drills, with random ones that go on as long, and break what, the operator wants."""
    from relevo.drills.promises import chaos, load, owners  # noqa: PLC0415 - the drills' libraries are an option

    if schedules is not None and owners.DRILL not in drills:
        raise UsageError(_("--schedules is for the drill owners: relevo drill owners --schedules 200"))
    if seed is not None and not {chaos.DRILL, owners.DRILL} & set(drills):
        raise UsageError(_("--seed is for the drills chaos and owners: relevo drill chaos --seed 7"))
    if minutes is not None and not {chaos.DRILL, load.DRILL, owners.DRILL} & set(drills):
        raise UsageError(_("--minutes is for the drills chaos, load and owners: relevo drill chaos --minutes 30"))
    random = int(time.time()) % 100_000
    wanted = {
        chaos.DRILL: lambda: chaos.run_for(minutes or chaos.MINUTES, random if seed is None else seed),
        load.DRILL: lambda: load.run_for(minutes or load.MINUTES),
        owners.DRILL: lambda: owners.run_for(
            schedules or (None if minutes else owners.SCHEDULES), minutes, owners.SEED if seed is None else seed,
        ),
    }
    return tuple(wanted[one]() if one in wanted else one for one in drills)


def _run(path: Path, lab: Path | None, drills: Sequence[Drill], repeat: int) -> Run:
    from relevo.drills.outside import world_of  # noqa: PLC0415 - the drills' libraries are an option
    from relevo.drills.runner import run_drills  # noqa: PLC0415

    with world_of(path, lab) as world, _alone(path), _clean_end():
        return run_drills(world, drills, repeat=repeat, live=_live())


def _live() -> Live:
    """Return what shows each check as soon as it is made, under the title of its drill."""
    from relevo.drills import table  # noqa: PLC0415 - the drills' libraries are an option

    shown: list[str] = []

    def live(one: Drill, check: Check) -> None:
        if shown[-1:] != [one.name]:
            shown.append(one.name)
            prose.print(one.title, style="bold")
        prose.print(table.live_line(check))

    return live


def _show(run: Run, report: Path | None, format_: str) -> None:
    from relevo.drills import table  # noqa: PLC0415 - the drills' libraries are an option
    from relevo.drills.report import write  # noqa: PLC0415

    if report:
        prose.print(_("The report is in {page}").format(page=write(run, report)))
    if format_ == "json":
        data.print_json(data=run.to_dict())
    else:
        data.print(table.show(run), width=min(data.width, _WIDEST))


def _demand_libraries() -> None:
    if missing := [library for library in _LIBRARIES if find_spec(library) is None]:
        text = _("drills need {libraries}: pip install 'relevo[drill]'")
        raise UsageError(text.format(libraries=", ".join(missing)))


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep a second drill from the same platform: each would take what the other breaks for a fault."""
    with path.open(encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(_("another drill is at work on this platform: wait until it is done")) from None
        yield


@contextmanager
def _clean_end() -> Iterator[None]:
    """Turn SIGTERM into an exception, so that what was broken is mended before this ends."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

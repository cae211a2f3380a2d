"""Look again and again until Ctrl-C: in place on a terminal, else one report after the other."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from threading import Event
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape

from relevo.cli.common import Format
from relevo.cli.status_text import parts
from relevo.errors import RelevoError
from relevo.i18n import _
from relevo.operate.status import Report

Look = Report | RelevoError  # that nobody could be asked is something to see, too, and no reason to end
Show = Callable[[Look], None]


def watch(
    look: Callable[[], Report], show: Show, seconds: float,
    wait: Callable[[float], object] | None = None, clock: Callable[[], float] = time.monotonic,
) -> bool:
    """Look every so many seconds until Ctrl-C; return whether the last report was fine.

    A look that takes longer than that is followed by the next one at once.
    """
    wait = wait or Event().wait  # unlike a sleep, it is not held up by anything
    fine, due = False, clock()
    with suppress(KeyboardInterrupt):
        while True:
            seen = _seen(look)
            fine = isinstance(seen, Report) and seen.fine
            show(seen)
            due = max(due + seconds, clock())
            wait(due - clock())
    return fine


def _seen(look: Callable[[], Report]) -> Look:
    try:
        return look()
    except RelevoError as error:
        return error


class Lines:
    """Reports one after the other, with their time; as JSON one in each line. For pipes and files."""

    def __init__(self, console: Console, format_: Format, *, every_probe: bool) -> None:
        """Take where they go."""
        self._console, self._format, self._every_probe = console, format_, every_probe

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, look: Look) -> None:
        """Write one."""
        if self._format == "json":
            told = look.to_json() if isinstance(look, Report) else {"fine": False, "error": str(look)}
            self._console.print_json(json.dumps({"at": round(time.time(), 3), **told}), indent=None)
            return
        self._console.print(f"[dim]{_now('%Y-%m-%d %H:%M:%S')}[/dim]")
        if isinstance(look, Report):
            for part in parts(look, every_probe=self._every_probe):
                self._console.print(part)
        else:
            self._console.print(_error(look))


class Screen:
    """The last report in place; what is wrong stands above the table, so that a small terminal cuts what matters less.

    When it ends, the terminal is as it was, with the last report below.
    """

    def __init__(self, console: Console, seconds: float, *, every_probe: bool) -> None:
        """Take the terminal, and what to say of how often it looks."""
        self._console, self._seconds, self._every_probe = console, seconds, every_probe
        self._live = Live(console=console, screen=True, auto_refresh=False)
        self._report: Report | None = None

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()
        for part in parts(self._report, every_probe=self._every_probe) if self._report else ():
            self._console.print(part)

    def show(self, look: Look) -> None:
        """Show one; when there is none, the one before it stays, below the reason."""
        head = _("{time}, every {seconds:g} s; Ctrl-C ends it").format(time=_now("%H:%M:%S"), seconds=self._seconds)
        shown = [f"[dim]{head}[/dim]"]
        if isinstance(look, Report):
            self._report = look
        else:
            shown.append(_error(look))
        columns = self._console.width
        last = parts(self._report, every_probe=self._every_probe, screen=columns) if self._report else ()
        self._live.update(Group(*shown, *last), refresh=True)


def _now(form: str) -> str:
    return datetime.now().astimezone().strftime(form)


def _error(error: RelevoError) -> str:
    return f"[red]{escape(str(error))}[/red]"

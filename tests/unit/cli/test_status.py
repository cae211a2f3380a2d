"""What a person sees of `relevo status`, once and again and again; in a pipe, and on terminals of any size."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from rich.console import Console, RenderableType

from relevo.cli.status import status
from relevo.cli.status_text import parts
from relevo.cli.status_watch import Lines, Look, Screen, watch
from relevo.errors import RelevoError, UsageError
from relevo.operate.status import Report
from relevo.operate.words import duration
from tests.unit.operate.test_status import probe, report, view

LONG = "signatures of main, daily and bytecode, the newest 1 day old"


def full(node: str, **more: Any) -> dict[str, Any]:
    return view(node, probe("postfix/smtp"), probe("clamav/signatures", vital=False, text=LONG), **more)


@pytest.fixture
def well(cluster) -> Report:
    return report(cluster, {name: full(name) for name in ("mail01", "mail02", "storage01")})


@pytest.fixture
def ill(cluster) -> Report:
    bad = view("mail02", probe("postfix/smtp", good=False, text="[refused]"))
    certificate = probe("certificates/x", vital=False, text="800 days left")
    mail01 = view("mail01", probe("postfix/smtp"), certificate, {**certificate, "name": "certificates/y"})
    return report(cluster, {"mail01": mail01, "mail02": bad, "storage01": None})


def text_of(pieces: Iterable[RenderableType], width: int) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, soft_wrap=True, highlight=False)
    for piece in pieces:
        console.print(piece)
    return out.getvalue()


def shown(found: Report, *, width: int = 160, every_probe: bool = False) -> str:
    return text_of(parts(found, every_probe=every_probe), width)


def test_what_a_person_sees(well: Report, ill: Report):
    text = shown(ill)
    assert "mail01 holds the virtual IP 192.168.100.100 for 2 h: well" in text
    assert "If mail01 died now, nobody could take over" in text
    assert re.search(r"good 2 h · 800 days left(?!,)", text)  # what two probes say alike is said once
    assert "bad 2 h smtp" in text
    assert "mail02: postfix/smtp: [refused]" in text
    assert "silent" in text
    assert "All that people need works." not in text
    assert "All that people need works." in shown(well)


def test_every_probe_by_itself(ill: Report):
    rows = [re.split(r" {2,}", line.rstrip()) for line in shown(ill, every_probe=True).splitlines()]
    assert ["machine", "probe", "state", "asked", "took", "says"] in rows
    assert ["mail01", "certificates/x", "good 2 h", "0 s ago", "10 ms", "800 days left"] in rows
    assert ["mail02", "postfix/smtp", "bad 2 h", "0 s ago", "10 ms", "[refused]"] in rows
    assert ["storage01", "silent"] in [row[:2] for row in [[part for part in row if part] for row in rows]]


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_on_a_terminal_of_any_width_nothing_is_cut(well: Report, width: int):
    lines = shown(well, width=width).splitlines()
    table = lines[next(i for i, line in enumerate(lines) if line.startswith("service")):-1]
    assert all(len(line.rstrip()) <= width for line in table)
    assert "…" not in "".join(table)
    assert width < 60 or "".join(table).count("bytecode") == 3  # on a narrower one long words go on in the next line


@pytest.mark.parametrize(("width", "has"), [(40, False), (80, False), (240, True)])
def test_a_screen_on_which_it_does_not_fit_shows_less(well: Report, width: int, has: bool):
    assert has is ("bytecode" in text_of(parts(well, screen=width), width))


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "?"), (3.9, "3 s"), (61, "1 min"), (7200, "2 h"), (200_000, "2 d")]
)
def test_time_spans(seconds: float | None, text: str):
    assert duration(seconds) == text


class Clock:
    """Time that passes only by waiting and by looking."""

    def __init__(self, looks: Iterator[tuple[float, Report | RelevoError]]) -> None:
        self.now = 100.0
        self.began: list[float] = []
        self._looks = looks

    def look(self) -> Report:
        self.began.append(self.now)
        try:
            took, seen = next(self._looks)
        except StopIteration:
            raise KeyboardInterrupt from None
        self.now += took
        if isinstance(seen, RelevoError):
            raise seen
        return seen

    def wait(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds

    def watch(self, show: Callable[[Look], None], seconds: float = 2.0) -> bool:
        return watch(self.look, show, seconds, self.wait, lambda: self.now)


def test_it_looks_at_even_times_and_at_once_after_a_look_that_took_too_long(well: Report):
    clock = Clock(iter([(0.5, well), (1.5, well), (5.0, well), (0.0, well)]))
    clock.watch(lambda _: None)
    assert clock.began == [100.0, 102.0, 104.0, 109.0, 111.0]


@pytest.mark.parametrize("last_is_fine", [True, False])
def test_that_nobody_can_be_asked_is_shown_and_the_last_look_decides(well: Report, ill: Report, last_is_fine: bool):
    gone = RelevoError("mail01 does not answer")
    seen: list[Look] = []
    clock = Clock(iter([(0.0, well), (0.0, gone), (0.0, well if last_is_fine else ill)]))
    assert clock.watch(seen.append) is last_is_fine
    assert seen == [well, gone, well if last_is_fine else ill]
    assert Clock(iter([(0.0, well), (0.0, gone)])).watch(seen.append) is False


def test_lines_for_people_have_their_time(well: Report):
    out = io.StringIO()
    lines = Lines(Console(file=out, width=160), "table", every_probe=False)
    for look in (well, RelevoError("mail01 [x] does not answer"), well):
        lines.show(look)
    text = out.getvalue()
    assert len(re.findall(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$", text, re.MULTILINE)) == 3
    assert text.count("mail01 holds the virtual IP") == 2
    assert "mail01 [x] does not answer" in text


def test_lines_for_programs_are_an_object_each(well: Report):
    out = io.StringIO()
    lines = Lines(Console(file=out, width=80, soft_wrap=True), "json", every_probe=False)
    lines.show(well)
    lines.show(RelevoError("nobody answers"))
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert first["fine"] is True
    assert first["holders"] == ["mail01"]
    assert first["at"] > 1_700_000_000
    assert (second["fine"], second["error"]) == (False, "nobody answers")


def test_on_a_small_terminal_what_is_wrong_is_what_stays(ill: Report):
    out = io.StringIO()
    console = Console(file=out, width=60, height=14, force_terminal=True, color_system=None, legacy_windows=False)
    with Screen(console, 2.0, every_probe=False) as screen:
        screen.show(ill)
        first = out.getvalue()
        screen.show(RelevoError("the way is gone"))
        second = out.getvalue()[len(first):]
    assert "\x1b[?1049h" in first
    picture = re.sub(r"\x1b\[[?0-9;]*[a-zA-Z]", "", first).splitlines()
    assert len(picture) <= 14
    assert any("mail02: postfix/smtp: [refused]" in line for line in picture)
    assert all(len(line.rstrip()) <= 60 for line in picture)
    assert "the way is gone" in second
    assert "mail01 holds the virtual IP" in second
    after = out.getvalue().rpartition("\x1b[?1049l")[2]
    assert "mail01 holds the virtual IP" in after


def test_an_interval_needs_something_to_repeat():
    with pytest.raises(UsageError):
        status(seconds=5.0)


SAMPLE = """
from relevo.cli.common import data
from rich.table import Table
table = Table("a", "b")
table.add_row("x" * 150, "y" * 150)
data.print(table)
"""


def test_in_a_pipe_a_table_is_as_wide_as_what_is_in_it():
    bare = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    command = [sys.executable, "-c", SAMPLE]
    text = subprocess.run(command, capture_output=True, text=True, check=True, env=bare, timeout=60).stdout
    assert ("x" * 150) in text
    assert ("y" * 150) in text
    assert {len(line) for line in text.splitlines()} == {307}

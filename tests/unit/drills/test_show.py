"""What people see of a run: the table on the screen and the HTML report."""

from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

from rich.console import Console

from relevo.drills import report, table
from tests.unit.drills.samples import FAILED, NOT_RUN, PASSED, PIXEL, outage_check, run_of

RUN = run_of(PASSED, FAILED, NOT_RUN, outage_check(0.4))


def printed(width: int, times: int = 1) -> str:
    out = io.StringIO()
    run = run_of(PASSED, FAILED, NOT_RUN, outage_check(0.4), times=times)
    Console(file=out, width=width, color_system=None).print(table.show(run))
    return out.getvalue()


def test_the_table_shows_every_check_with_figure_and_verdict() -> None:
    text = printed(160)
    for words in ("mail <b>bold</b>", "send & receive", "250 2.0.0 Ok", "FAILED", "NOT RUN", "only in a lab", "0.4 s"):
        assert words in text
    assert "2 checks passed, 1 failed, 1 not run; again: relevo drill failover" in text
    assert "Figures over all runs" not in text


def test_the_table_fits_a_narrow_screen() -> None:
    assert max(len(line) for line in printed(80).splitlines()) <= 80


def test_repeated_runs_show_how_figures_spread() -> None:
    assert "Figures over all runs" in printed(160, times=3)


def test_the_live_line_tells_why_only_when_something_is_wrong() -> None:
    assert "554" not in table.live_line(PASSED).plain
    assert table.live_line(FAILED).plain == "  ✗ EICAR, plain: 250 2.0.0 Ok: queued"


class Links(HTMLParser):
    """All addresses that a page loads or leads to, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href"}]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_report_needs_nothing_but_itself() -> None:
    page = Links()
    page.feed(report.html(RUN))
    assert page.addresses
    assert all(address.startswith(("#", "data:image/png;base64,")) for address in page.addresses)
    assert "mail <b>bold</b>" in page.text  # escaped
    assert not re.search(r"url\(|@import", report.html(RUN))


def test_the_report_is_written_with_its_data_and_pictures(tmp_path: Path) -> None:
    page = report.write(RUN, tmp_path / "new" / "folder")
    assert page.name == "index.html"
    assert json.loads((page.parent / "result.json").read_text())["counts"]["failed"] == 1
    assert (page.parent / "failover-1-webmail-inbox.png").read_bytes() == PIXEL


def test_pictures_open_inside_of_the_page() -> None:
    page = report.html(RUN)
    assert 'id="1-of-1"' in page
    assert 'href="#1-of-1"' in page

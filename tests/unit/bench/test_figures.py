"""The table of figures out of several runs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[3]
SCRIPT = PROJECT / "bench" / "figures.py"


def check(name: str, value: float | None, verdict: str = "passed") -> dict[str, object]:
    """Return a check as `relevo drill --format json` writes it, as far as it is read."""
    return {"name": name, "figure": None if value is None else {"value": value}, "verdict": verdict}


def played(name: str, checks: list[dict[str, object]], minute: int = 0) -> str:
    """Return a run of one drill."""
    good = all(one["verdict"] == "passed" for one in checks)
    drill = {"name": name, "verdict": "passed" if good else "failed", "checks": checks}
    return json.dumps({"started": f"2026-11-29T09:{minute:02}:00+00:00", "drills": [drill]})


def run(folder: Path, number: int, gap: float, lost: int) -> str:
    """Write a run; return its path."""
    checks = [
        check("power cut: accepted", 100), check("power cut: lost", lost, "failed" if lost else "passed"),
        check("power cut: duplicated by us", 0), check("power cut: longest time without a 250", gap),
        check("power cut: whole again", 5.0), check("no event", None),
    ]
    path = folder / f"{number}.json"
    path.write_text(played("power", checks, number), encoding="utf-8")
    return str(path)


def figures(*paths: str) -> subprocess.CompletedProcess[str]:
    """Run the script."""
    return subprocess.run([sys.executable, str(SCRIPT), *paths], capture_output=True, text=True, check=False)


def test_median_worst_and_sums(tmp_path: Path) -> None:
    said = figures(*(run(tmp_path, number, gap, 0) for number, gap in enumerate((1.0, 3.0, 1.25))))
    assert "| power cut | 3 |  |  | 1.2 / 3 |  |  |  | 300 | 0 | 0 |" in said.stdout.splitlines()
    assert said.stdout.endswith("3 drills; failed: none\n")


def test_what_failed_is_named(tmp_path: Path) -> None:
    said = figures(run(tmp_path, 1, 12.4, 2))
    assert "| power cut | 1 |  |  | 12 |  |  |  | 100 | 2 | 0 |" in said.stdout.splitlines()
    assert "power cut: lost" in said.stdout.splitlines()[-1]


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text("[]", encoding="utf-8")
    assert f"{path} is not what `relevo drill --format json` writes" in figures(str(path)).stderr


def test_kinds_of_events_beside_what_is_wanted(tmp_path: Path) -> None:
    checks = [
        check(f"{event}: {what}", value)
        for event, value in (("nginx killed", 0.2), ("postfix killed", 0.5), ("mount hung on the active node", 9.0))
        for what in ("whole again", "fresh connections, SMTP", "first mail accepted")
    ]
    path = tmp_path / "services.json"
    path.write_text(played("services", checks), encoding="utf-8")
    lines = figures(str(path)).stdout.splitlines()
    assert "| service killed | 0.3; 1 | 2 | 0.35 / 0.5 |  |  | 0.35 / 0.5 |  |" in lines
    assert not any(line.startswith(("| service hung", "| planned switchover")) for line in lines)


def test_runs_are_kept_once_and_the_page_shows_them(tmp_path: Path) -> None:
    kept, page = tmp_path / "runs.jsonl", tmp_path / "page.md"
    runs = [run(tmp_path, number, 1.0, lost) for number, lost in enumerate((0, 1, 0, 0))]
    assert figures("--add", str(kept), *runs[:3]).stdout == "3 of 3 were new\n"
    assert figures("--add", str(kept), *runs).stdout == "1 of 4 were new\n"
    page.write_text("before\n<!-- figures: begin -->\nold\n<!-- figures: end -->\nafter\n", encoding="utf-8")
    assert figures("--write", str(page), str(kept)).stderr == ""
    text = page.read_text(encoding="utf-8")
    assert "| power | 4 | 2 | 2026-11-29 |" in text
    assert "4 drills; failed: power cut: lost (1)" in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text


def test_a_page_without_a_place_for_them_is_left_as_it_is(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing\n", encoding="utf-8")
    assert "the page has no" in figures("--write", str(page), run(tmp_path, 1, 1.0, 0)).stderr
    assert page.read_text(encoding="utf-8") == "nothing\n"


def test_a_spanish_page_has_them_in_spanish(tmp_path: Path) -> None:
    page, other = tmp_path / "page.md", tmp_path / "page.es.md"
    for each in (page, other):
        each.write_text("<!-- figures: begin -->\n<!-- figures: end -->\n", encoding="utf-8")
    path = tmp_path / "services.json"
    event = "php8.4-fpm killed"
    checks = [check(f"{event}: {what}", 0.25) for what in ("whole again", "accepted", "lost", "duplicated by us")]
    path.write_text(played("services", [*checks, check(f"{event}: first mail accepted", 0.25, "failed")]))
    assert figures("--write", str(page), str(path)).stderr == ""
    assert "| php8.4-fpm killed | 1 | 0.25 |" in page.read_text(encoding="utf-8")
    text = other.read_text(encoding="utf-8")
    assert "| php8.4-fpm matado | 1 | 0,25 |" in text
    assert "| servicio matado | 0,3; 1 | 1 |" in text
    assert "1 simulacros; falló: php8.4-fpm matado: " in text


def test_the_pages_show_the_runs_that_are_kept(tmp_path: Path) -> None:
    names = ("failover.md", "failover.es.md")
    there = {name: (PROJECT / "docs" / "reference" / name).read_text(encoding="utf-8") for name in names}
    for name, text in there.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert figures("--write", str(tmp_path / names[0]), str(PROJECT / "bench" / "runs.jsonl")).stderr == ""
    made = {name: (tmp_path / name).read_text(encoding="utf-8") for name in names}
    assert made == there, "bench/figures.py --write sets it"

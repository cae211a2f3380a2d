"""What people read while they work is there in English and Spanish, and both have the same commands and figures."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.unit.docs.test_commands import LINKS, ROOT, commands

FOLDERS = ("how-to", "explanation", "tutorial")
BOTH = [
    ROOT / "README.md", *(ROOT / "docs" / "reference" / name for name in ("status.md", "failover.md")),
    *sorted(page for folder in FOLDERS for page in (ROOT / "docs" / folder).glob("*.md") if ".es." not in page.name),
]
HEADING = re.compile(r"^(#+) ", re.MULTILINE)
ROW = re.compile(r"^\|.*\|$", re.MULTILINE)
FENCE = re.compile(r"^ *```(\w*.*)$", re.MULTILINE)
SWITCH = re.compile(r"^\*\[(?:En español|In English)\]\(([^)]+)\)\*$", re.MULTILINE)


def spanish(page: Path) -> Path:
    return page.with_name(f"{page.stem}.es.md")


def links(page: Path) -> Counter[Path]:
    """Return what a page leads to, in English, but for the line that leads to the other language."""
    text = SWITCH.sub("", page.read_text(encoding="utf-8"))
    return Counter((page.parent / link.replace(".es.", ".")).resolve() for link in LINKS.findall(text))


def form(page: Path) -> dict[str, object]:
    """Return what does not depend on the language."""
    text = page.read_text(encoding="utf-8")
    return {
        "headings": [len(marks) for marks in HEADING.findall(text)],
        "rows": len(ROW.findall(text)),
        "blocks": FENCE.findall(text),
        "numbers": Counter(re.findall(r"\d+", text)),
        "commands": Counter(" ".join(command.split()) for command in commands(page)),
        "links": links(page),
    }


def test_there_are_pages_to_look_at():
    assert len(BOTH) > 20


@pytest.mark.parametrize("page", BOTH, ids=lambda page: page.name)
def test_both_languages_say_the_same(page: Path):
    english, other = form(page), form(spanish(page))
    assert {name: (value, other[name]) for name, value in english.items() if value != other[name]} == {}


@pytest.mark.parametrize("page", BOTH, ids=lambda page: page.name)
def test_each_leads_to_the_other(page: Path):
    assert SWITCH.findall(page.read_text(encoding="utf-8")) == [spanish(page).name]
    assert SWITCH.findall(spanish(page).read_text(encoding="utf-8")) == [page.name]


@pytest.mark.parametrize("page", BOTH, ids=lambda page: page.name)
def test_a_spanish_page_leads_to_spanish_ones(page: Path):
    text = SWITCH.sub("", spanish(page).read_text(encoding="utf-8"))
    assert [
        link for link in LINKS.findall(text) if not link.endswith(".es.md") and (page.parent / link).resolve() in BOTH
    ] == []

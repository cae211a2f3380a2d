"""Every command that a page tells somebody to type is there, with its options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer

from relevo.cli.main import build

ROOT = Path(__file__).parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("src/relevo/services/*/README.md")])
SPAN = re.compile(r"`(relevo [^`]*)`")
LINE = re.compile(r"\s*(?:\$ )?(?:[^|`]* \| )?(relevo [^#…]*)")
END = re.compile(r"\s{2,}|[|>;&…]| -- ")  # of a command in a line, or of what it says of itself
LINKS = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
PLACES = re.compile(r"\]\(([^)#:]*)#([^)]*)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def commands(page: Path) -> Iterator[str]:
    """Yield the commands in a page's text and blocks."""
    for line in page.read_text(encoding="utf-8").splitlines():
        alone = LINE.match(line)
        for found in [*SPAN.findall(line), *([alone[1]] if alone else [])]:
            yield END.split(re.sub(r"(['\"]).*?\1", "QUOTED", found))[0]


@cache
def tree() -> object:
    return typer.main.get_command(build(""))


def mistake(command: str) -> str:
    """Return what is wrong with a command, empty when nothing is."""
    at, words = tree(), command.split()[1:]
    while words and hasattr(at, "commands") and not words[0].startswith("-"):
        if words[0] not in at.commands:
            return f"there is no {words[0]}"
        at = at.commands[words.pop(0)]
    known = {"--help", *(name for one in at.params for name in (*one.opts, *one.secondary_opts))}
    unknown = {found[0] for word in words if (found := re.match(r"--?[a-z][a-z0-9-]*", word))} - known
    return f"there is no {', '.join(sorted(unknown))}" if unknown else ""


def test_what_is_wrong_is_found():
    assert mistake("relevo mailbox ad ana@example.org") == "there is no ad"
    assert mistake("relevo mailbox add ana@example.org --quotas 5") == "there is no --quotas"
    assert not mistake("relevo mailbox add ana@example.org --quota 5")


def test_there_are_commands_to_look_at():
    assert sum(len(list(commands(page))) for page in PAGES) > 250


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_is_there(page: Path):
    assert not {command: why for command in commands(page) if (why := mistake(command))}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page: Path):
    text = page.read_text(encoding="utf-8")
    assert not [link for link in LINKS.findall(text) if not (page.parent / link).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_into_a_page_leads_to_a_heading(page: Path):
    for link, place in PLACES.findall(page.read_text(encoding="utf-8")):
        other = (page.parent / link if link else page).read_text(encoding="utf-8")
        headings = (re.sub(r"[^\w -]", "", heading.lower()) for heading in HEADING.findall(other))
        assert place in {heading.replace(" ", "-") for heading in headings}

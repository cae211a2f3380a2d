"""The tutorial in both languages has the same commands, and an answer is compared as it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.tutorial import Step, steps

PAGES = Path(__file__).parents[3] / "docs" / "tutorial"


def test_both_languages_have_the_same_commands():
    english, spanish = (list(steps(PAGES / name)) for name in ("three-machines.md", "three-machines.es.md"))
    assert len(english) > 20
    assert [(step.command, step.where, step.hook) for step in english] == [
        (step.command, step.where, step.hook) for step in spanish
    ]


@pytest.mark.parametrize(("expected", "said", "right"), [
    (["mail01"], "mail01\n", True),
    (["mail01"], "mail02\n", False),
    (["mail01"], "mail01\nmail02\n", False),
    ([], "", True),
    ([], "warning\n", False),
    (["…"], "", True),
    (["…"], "one\ntwo\n", True),
    (["one", "…"], "one\ntwo\nthree\n", True),
    (["…", "three"], "one\ntwo\nthree\n", True),
    (["…", "three"], "three\n", True),
    (["…", "three"], "one\ntwo\n", False),
    (["one", "…", "three", "…"], "one\nthree\n", True),
    (["one", "…", "three", "…"], "one\ntwo\n", False),
    (["holds … for"], "holds 192.168.100.100 for\n", True),
    (["holds … for"], "holds\n", False),
    (["a.b"], "axb\n", False),
])
def test_an_answer_is_compared_line_by_line(expected: list[str], said: str, right: bool):
    assert Step("command", expected=expected).is_answered_by(said) is right


def test_a_page_is_read_in_order(tmp_path: Path):
    page = tmp_path / "page.md"
    blocks = ("```console install\n$ a\n…\n$ b\n```", "<!-- look -->", "```toml\n$ no\n```", "```console\n$ c\nd\n```")
    page.write_text("\n".join(["# Title", *blocks, ""]), encoding="utf-8")
    assert list(steps(page)) == [
        Step("a", "install", ["…"]), Step("b", "install", []), Step(hook="look"), Step("c", "", ["d"]),
    ]

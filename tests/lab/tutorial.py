"""A page of the documentation as somebody follows it: its commands, and what they answer.

A block of commands begins with a line "```console"; a command stands behind "$ ", its answer below. "…" stands for
anything: alone in a line for any number of lines, within one for any words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_FENCE = re.compile(r"^```(\w*)\s*(\w*)$")
_HOOK = re.compile(r"^<!-- (.+) -->$")
ANYTHING = "…"


@dataclass
class Step:
    """A command and the lines that it answers; or, with a `hook`, what a person does without one."""

    command: str = ""
    where: str = ""  # the second word of its block
    expected: list[str] = field(default_factory=list)
    hook: str = ""

    def is_answered_by(self, said: str) -> bool:
        """Tell whether an answer is the expected one."""
        return _answers(self.expected, said.splitlines())


def steps(page: Path) -> Iterator[Step]:
    """Yield what a page has its reader do, in order."""
    step, kind, where = Step(), "", ""
    for line in page.read_text(encoding="utf-8").splitlines():
        if fence := _FENCE.match(line):
            yield from [step] if step.command else []
            step, (kind, where) = Step(), (("", "") if kind else fence.groups())
        elif kind == "console" and line.startswith("$ "):
            yield from [step] if step.command else []
            step = Step(line.removeprefix("$ "), where)
        elif kind == "console":
            step.expected.append(line)
        elif not kind and (hook := _HOOK.match(line)):
            yield Step(hook=hook[1])


def _answers(expected: list[str], said: list[str]) -> bool:
    if not expected:
        return not said
    first, rest = expected[0], expected[1:]
    if first == ANYTHING:
        return any(_answers(rest, said[start:]) for start in range(len(said) + 1))
    return bool(said) and _is_like(first, said[0].rstrip()) and _answers(rest, said[1:])


def _is_like(expected: str, said: str) -> bool:
    return re.fullmatch(".*".join(re.escape(part) for part in expected.split(ANYTHING)), said) is not None

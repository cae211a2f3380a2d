"""Write a new cluster file: the commented example, with the operator's own answers in it."""

from __future__ import annotations

import re
from importlib.resources import files

EXAMPLES = {"en": "example.toml", "es": "example.es.toml"}


def example(language: str = "en") -> str:
    """Return the text of the shipped example with its comments in a language that we speak; in English otherwise."""
    return files("relevo.cluster").joinpath(EXAMPLES.get(language, EXAMPLES["en"])).read_text(encoding="utf-8")


def fill(text: str, answers: dict[tuple[str, str], str]) -> str:
    """Return the file with other values.

    Args:
        text: a cluster file, one key a line.
        answers: (table, key) -> the value as TOML, e.g. `("network", "vip"): '"10.0.0.5"'`; a commented key is set.

    Raises:
        KeyError: the text has no such key in that table.
    """
    lines, missing, table = text.splitlines(), dict(answers), ""
    for index, line in enumerate(lines):
        if header := re.match(r"\[([^\[\]]+)\]", line):
            table = header[1]
        elif (key := re.match(r"(?:# )?([a-z0-9_]+) = ", line)) and (table, key[1]) in missing:
            lines[index] = f"{key[1]} = {missing.pop((table, key[1]))}"
    if missing:
        raise KeyError(next(iter(missing)))
    return "\n".join(lines) + "\n"

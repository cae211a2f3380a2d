"""A wrong command line is told in one sentence, in the reader's language, with where to look."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def said(words: str, language: str) -> tuple[int, str, str]:
    """Run the command line as a person does; return its exit code and what it wrote."""
    done = subprocess.run(
        [Path(sys.executable).with_name("relevo"), *words.split()], capture_output=True, text=True, check=False,
        env=os.environ | {"LANGUAGE": language, "COLUMNS": "200", "NO_COLOR": "1"},
    )
    return done.returncode, done.stdout, done.stderr.removeprefix("error: ").strip()


@pytest.mark.parametrize(("words", "english", "spanish"), [
    ("mailbx", "there is no command mailbx; did you mean 'mailbox'?", "no existe la orden mailbx; ¿será 'mailbox'?"),
    ("xyzzy", "there is no command xyzzy", "no existe la orden xyzzy"),
    ("mailbox add", "ADDRESS is missing", "falta ADDRESS"),
    ("token add a@example.org", "--name is missing", "falta --name"),
    ("mailbox add a b", "nothing is known to do with: b", "no se sabe qué hacer con: b"),
    ("mailbox add a --quota", "--quota needs a value", "--quota necesita un valor"),
    ("mailbox add a --password-stdin=4", "--password-stdin takes no value", "--password-stdin no lleva valor"),
    ("mailbox add a --quotas 5", "there is no option --quotas; did you mean --quota?",
     "no existe la opción --quotas; ¿será --quota?"),
    ("mailbox add a --nothing", "there is no option --nothing", "no existe la opción --nothing"),
    ("mailbox add a --quota x", "--quota: must be a whole number", "--quota: debe ser un número entero"),
    ("status x", "SECONDS: must be a number", "SECONDS: debe ser un número"),
    ("drill --repeat 0", "--repeat: must be 1 or more", "--repeat: debe ser 1 o más"),
    ("status --format xml", "--format: 'xml' is none of the possible values: 'table', 'json'",
     "--format: 'xml' no es ninguno de los valores posibles: 'table', 'json'"),
])
def test_a_mistake_is_told(words: str, english: str, spanish: str):
    for language, sentence in (("en", english), ("es", spanish)):
        code, out, told = said(words, language)
        assert (code, out) == (2, "")
        assert told.partition(" (`")[0] == sentence
        assert "`relevo" in told or "--quota " in told or "--password-stdin " in told  # Typer does not say where it was


def test_a_group_alone_shows_its_help_and_no_error():
    code, out, told = said("mailbox", "es")
    assert code == 2
    assert "─ Órdenes ─" in out + told
    assert "error" not in out + told


@pytest.mark.parametrize("words", ["--help", "queue --help", "queue list --help"])
def test_the_help_is_in_one_language(words: str):
    spanish, english = (said(words, language)[1] for language in ("es", "en"))
    assert "Uso: relevo" in spanish
    assert "Muestra este mensaje y termina." in spanish
    assert "Usage: relevo" in english
    assert "Show this message and exit." in english
    assert not [text for text in ("Usage", "Show ", "Install ") if text in spanish]

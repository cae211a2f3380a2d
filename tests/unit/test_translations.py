"""Everything that people read is in the Spanish catalogue; `make translations` brings it up to date."""

from __future__ import annotations

import ast
import gettext
import io
import os
import re
import string
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import relevo
from relevo.locale.extract import calls, is_text

SOURCE = Path(str(relevo.__file__)).parent
CATALOGUE = SOURCE / "locale" / "es" / "LC_MESSAGES" / "relevo.po"
MAPPINGS = tomllib.loads((SOURCE.parents[1] / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
TRANSLATED_LATER = {
    ("progress.py", "sentence"),  # what `tell` gets is marked with gettext_noop where it is written
    ("main.py", "text"),  # a command's docstring
    ("summary.py", "alert.description"),  # what an alert tells to do: marked in services/prometheus
    ("reasons.py", "reason.what"), ("reasons.py", "reason.advice"),  # why mail waits: marked where it is written
    ("refusals.py", "one.what"), ("refusals.py", "one.advice"),  # why it was refused: the same
    ("daemon_words.py", "saying"),  # what daemons say: the same
    ("load.py", "said"), ("ssh.py", "advice"),  # what is wrong with a key, and with a way to a machine: the same
    ("identities.py", "one.kind"),  # a user or a group: the same
    ("usage.py", "saying"),  # what Typer says of a command line: the same
    ("help_words.py", "text"),  # what Typer says of its own options: the same
    ("install.py", "otherwise"),  # what is to be done on a database that is not there yet: the same
    ("start.py", "_RECOVER"),  # what to do when no cluster may be begun: the same
    ("local.py", "SLOW"),  # that machines are emulated: the same
}
SENTENCE = re.compile("[a-z]{2} [a-z]{2}")
MARKUP = re.compile(r"\[/?[a-z ]*\]|`[^`]*`|--[a-z-]+\b")


def texts(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def translations(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


SPANISH = read_po(io.BytesIO(CATALOGUE.read_bytes()), locale="es")
MESSAGES = [message for message in SPANISH if message.id]


@pytest.fixture(scope="module")
def extracted() -> set[str | tuple[str, ...]]:
    found = extract_from_dir(
        SOURCE, [(entry["pattern"], entry["method"]) for entry in MAPPINGS],
        keywords={**DEFAULT_KEYWORDS, "ngettext": (1, 2), "gettext_noop": None},
    )
    return {message for _file, _line, message, _comments, _context in found}


def test_the_catalogue_has_the_messages_of_the_source_and_no_others(extracted):
    assert {message.id for message in MESSAGES} == extracted, "run `make translations`"


def test_every_message_is_translated():
    assert not [texts(message)[0] for message in MESSAGES if message.fuzzy or not all(translations(message))]
    assert not [m.id for m in MESSAGES if m.pluralizable and len(translations(m)) != SPANISH.num_plurals]


def fields(text: str) -> list[tuple[str | None, str | None, str | None]]:
    """Return names, formats and conversions of what `str.format` fills in."""
    parts = [(name, form, conversion) for _text, name, form, conversion in string.Formatter().parse(text) if name]
    return sorted(set(parts), key=str)


def test_translations_keep_placeholders_commands_and_markup():
    for message in MESSAGES:
        for source, text in zip(texts(message), translations(message), strict=True):
            assert fields(text) == fields(source)
            assert sorted(set(MARKUP.findall(text))) == sorted(set(MARKUP.findall(source)))
            assert (text[0] == " ", text[-1] == " ") == (source[0] == " ", source[-1] == " ")


def test_what_gettext_reads_is_compiled_from_the_catalogue():
    compiled = io.BytesIO()
    write_mo(compiled, SPANISH)
    assert CATALOGUE.with_suffix(".mo").read_bytes() == compiled.getvalue(), "run `make translations`"


def not_literal() -> Iterator[tuple[str, str]]:
    for path in SOURCE.rglob("*.py"):
        for call in calls(ast.parse(path.read_text(encoding="utf-8")), {"_", "ngettext", "gettext_noop"}):
            count = 2 if ast.unparse(call.func) == "ngettext" else 1
            yield from ((path.name, ast.unparse(part)) for part in call.args[:count] if not is_text(part))


def test_messages_are_literals():
    assert set(not_literal()) == TRANSLATED_LATER


def errors() -> set[str]:
    """Return the names of all classes that are RelevoError, each a sentence for the operator."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in SOURCE.rglob("*.py"))
    bases = [
        (node.name, {ast.unparse(base).rpartition(".")[2] for base in node.bases})
        for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
    ]
    found = {"RelevoError"}
    while more := {name for name, above in bases if above & found} - found:
        found |= more
    return found


def words(part: ast.AST) -> str:
    """Return the text in an expression as the source has it, without what calls give and what is quoted."""
    if isinstance(part, ast.Call):
        return ""
    own = part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else ""
    return MARKUP.sub("", own) + "".join(words(one) for one in ast.iter_child_nodes(part))


def said_in_english() -> Iterator[str]:
    known = errors()
    for path in SOURCE.rglob("*.py"):
        for call in calls(ast.parse(path.read_text(encoding="utf-8")), known):
            yield from (f"{path.name}: {said}" for part in call.args if SENTENCE.search(said := words(part)))


def test_no_error_is_raised_in_english_alone():
    assert not list(said_in_english())


def lines_of_plans_and_waits() -> Iterator[tuple[str, ast.AST]]:
    """Return what a plan or an apply says of a step, and for what anything waits, with the name of its file."""
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for call in calls(tree, {"step", "native"}):
            yield from ((path.name, part) for part in call.args[:2])
        for call in calls(tree, {"wait_until", "eventually", "delivered"}):
            yield from ((path.name, keyword.value) for keyword in call.keywords if keyword.arg == "what")
        if {"services", "deploy"} & set(path.parts):
            for function in ast.walk(tree):
                if isinstance(function, ast.FunctionDef) and is_optional_text(function.returns):
                    returns = (one.value for one in ast.walk(function) if isinstance(one, ast.Return))
                    yield from ((path.name, value) for value in returns if value)


def is_optional_text(annotation: ast.expr | None) -> bool:
    return annotation is not None and ast.unparse(annotation) == "str | None"


def test_no_step_and_no_wait_is_told_in_english_alone():
    found = list(lines_of_plans_and_waits())
    assert {"units.py", "deploy.py", "packages.py", "vocabulary.py"} <= {name for name, _part in found}
    assert not [(name, said) for name, part in found if SENTENCE.search(said := words(part))]


@pytest.mark.parametrize(("environment", "language"), [
    ({"LANG": "es_BO.UTF-8"}, "es"),  # a locale that the machine need not have
    ({"LANG": "es"}, "es"),
    ({"LC_ALL": "es_MX.UTF-8", "LANG": "en_US.UTF-8"}, "es"),
    ({"LANGUAGE": "es", "LC_ALL": "C.UTF-8"}, "es"),
    ({"LANGUAGE": "es_BO:en", "LANG": "en_US.UTF-8"}, "es"),
    ({"LANG": "en_US.UTF-8"}, "en"),
    ({"LANG": "fr_FR.UTF-8"}, "en"),
    ({"LC_ALL": "C"}, "en"),
    ({}, "en"),
])
def test_the_locale_decides(environment: dict[str, str], language: str):
    others = {name: value for name, value in os.environ.items() if not name.startswith(("LANG", "LC_"))}
    code = "from relevo.i18n import _, language, ngettext; print(language(), _('yes'), ngettext('a', 'b', 2))"
    said = subprocess.run([sys.executable, "-c", code], env=others | environment, capture_output=True, check=True)
    assert said.stdout.decode() == f"{language} {'sí' if language == 'es' else 'yes'} b\n"


def test_plural_forms():
    spanish = gettext.translation("relevo", CATALOGUE.parents[2], ["es"])
    one, many = "{n} change made.", "{n} changes made."
    assert [spanish.ngettext(one, many, n).format(n=n) for n in (0, 1, 2)] == [
        "0 cambios realizados.", "1 cambio realizado.", "2 cambios realizados.",
    ]

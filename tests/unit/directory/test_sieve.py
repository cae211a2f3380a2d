"""The absence note in the script that the webmail edits, too."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from relevo.directory.sieve import notes, rules
from relevo.directory.sieve.notes import Note
from relevo.directory.sieve.words import quoted, words
from relevo.errors import DirectoryError

ZONE = "America/La_Paz"
WHOLE = Note(
    on=True, subject='Away "soon"', text="Back on Monday.\n.hidden dot\n\n# rule:[no rule]\nAna ñ",
    first=date(2026, 12, 20), last=date(2027, 1, 5), only=["boss@example.org", "*@partner.example"],
    never=["*@ads.example"],
)
FILTERS = (
    'require ["fileinto"];\r\n'
    "# rule:[Invoices]\r\n"
    'if allof (header :contains "subject" "invoice, \\"paid\\"")\r\n{\r\n\tfileinto "Invoices";\r\n\tstop;\r\n}\r\n'
    "# rule:[Off]\r\n"
    'if false # header :contains "subject" "x"\r\n{\r\n\tdiscard;\r\n}\r\n'
)
ROUNDCUBE = (  # as Roundcube 1.6.11 writes it
    'require ["copy","date","relational","vacation"];\r\n'
    "# rule:[Ausencia]\r\n"
    'if allof (currentdate :zone "-0400" :value "ge" "date" "2026-12-20", '
    'currentdate :zone "-0400" :value "le" "date" "2027-01-05", header :contains "x-priority" "1")\r\n'
    '{\r\n\tvacation :days 3 :addresses ["info@example.org","ana@example.org"] :subject "Fuera" '
    'text:\r\nVuelvo el lunes.\r\n..punto\r\n.\r\n;\r\n\tredirect :copy "luis@example.org";\r\n}\r\n'
)


def placed(note: Note, script: str = "") -> str:
    old = rules.note_of(script)
    rule = notes.write(note, ZONE, old.name if old else "", old.text if old else "")
    return rules.with_note(script, rule, notes.NEEDS)


def back(script: str) -> Note:
    rule = rules.note_of(script)
    assert rule
    return notes.read(rule.text)


@pytest.mark.parametrize("note", [
    WHOLE, replace(WHOLE, on=False), Note(on=True, text="short"), Note(subject="Away", text="later"),
    Note(subject="s", text="t", only=["*@x.example"]), Note(on=True, text="x", first=date(2026, 1, 1)),
    Note(on=True, last=date(2026, 1, 1)), Note(on=True, subject="x", text="\n"),
    Note(on=True, subject='a\\b"c', text=".\n..\n.", never=["c@d.example", "e@f.example"]),
])
@pytest.mark.parametrize("script", ["", FILTERS, ROUNDCUBE, 'require "vacation";\n', "# mine\r\n"])
def test_a_note_comes_back_as_it_was_set_whatever_else_is_there(note, script):
    once = placed(note, script)
    assert back(once) == note
    assert back(placed(WHOLE, once)) == WHOLE
    assert placed(note, once) == once


def test_other_rules_stay_byte_by_byte_and_the_note_comes_first():
    script = placed(WHOLE, FILTERS)
    assert script.endswith(FILTERS.partition("\r\n")[2])
    assert script.startswith('require ["date","fileinto","relational","vacation"];\r\n# rule:[Vacation]\r\n')


def test_what_the_webmail_wrote_is_read_and_what_is_not_ours_is_kept():
    assert back(ROUNDCUBE) == Note(
        on=True, subject="Fuera", text="Vuelvo el lunes.\n.punto", first=date(2026, 12, 20), last=date(2027, 1, 5)
    )
    script = placed(Note(subject="Away", text="Back soon"), ROUNDCUBE)
    assert script.count("# rule:[Ausencia]") == 1
    assert 'if false # header :contains "x-priority" "1"' in script
    assert 'vacation :days 3 :addresses ["info@example.org","ana@example.org"] :subject "Away" "Back soon";' in script
    assert 'redirect :copy "luis@example.org";' in script


def test_a_note_is_looked_for_in_rules_not_in_texts():
    script = FILTERS.replace("invoice", "vacation")
    assert rules.note_of(script) is None
    assert len(rules.split(placed(WHOLE, script))[1]) == 3


@pytest.mark.parametrize("script", [
    'require ["vacation"];\r\nvacation "by hand";\r\n', "# rule:[x]\r\nvacation\r\n", '# rule:[x]\r\nvacation "x";\r\n',
    "if §", '# rule:[x]\r\nif true { vacation "x" }',
])
def test_what_a_hand_has_made_is_left_alone_with_a_sentence(script):
    with pytest.raises(DirectoryError, match="webmail"):
        placed(WHOLE, script)


@pytest.mark.parametrize("text", ["", "x", 'say "x"', "a\\b", "two\nlines", ".\n..", "\n", "end\n", "ñ\r"])
def test_a_text_is_read_as_it_was_written(text):
    (word,) = words(quoted(text))
    assert word.value == text

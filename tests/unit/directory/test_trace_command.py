"""`relevo trace` on a node; both indexes answer, with real lines."""

from __future__ import annotations

import json

import pytest
from django.conf import settings

from relevo.cli import accounts_common
from relevo.cli.main import build
from relevo.directory.models import AuditEntry
from relevo.errors import DirectoryError, UnavailableError, UsageError
from relevo.trace.subjects import digest, key_of
from tests.unit.queue.memory import Platform
from tests.unit.trace.nodes import Nodes, lines, subjected


@pytest.fixture
def queues(platform, monkeypatch, tmp_path) -> Platform:
    (tmp_path / "secrets.toml").touch()
    monkeypatch.setattr(accounts_common, "SECRETS_FILE", str(tmp_path / "secrets.toml"))
    monkeypatch.setenv("RELEVO_ACTOR", "ana@laptop")
    made, nodes = Platform(), Nodes(tmp_path)
    own = digest("Oferta de chocolates", key_of(settings.SECRET_KEY))
    nodes.write("mail01", [subjected(line, "m4.bookworm@elsewhere.example", own) for line in lines("debian-12")])
    made.indexes = nodes.paths
    monkeypatch.setattr("relevo.queue.ask.ask", made.ask)
    return made


@pytest.fixture
def command(queues, capsys):
    def run(*words: str) -> tuple[str, str]:
        assert not build("trace")(["trace", *words], standalone_mode=False)
        said = capsys.readouterr()
        return said.out, said.err

    return run


def test_many_are_a_table_and_one_is_shown_whole(command):
    table = command("maria@elsewhere.example", "--limit", "5")
    assert table[0].count("maria@elsewhere.example") == 5
    assert "Next: relevo trace --after" in table[1]
    whole = command("m4.bookworm@elsewhere.example")[0]
    for words in ("Forwarded by luis@", "to luis@remote.example", "postfix/pickup[", "Filtered in"):
        assert words in whole, words


def test_json_has_everything(command):
    told = json.loads(command("--result", "bounced", "--format", "json")[0])
    assert [one["results"] for one in told] == [["bounced"]]
    assert "steps" not in told[0]
    (one,) = json.loads(command(told[0]["id"], "--format", "json")[0])
    assert one["steps"][-1]["lines"]


def test_a_subject(command):
    assert "luis@remote.example" in command("--subject", "FW: oferta de Chocolates")[0]
    assert "Nothing was found." in command("--subject", "Oferta")[1]


def test_times(command):
    assert command("--since", "2026-11-28T00:00", "--until", "2030-01-01", "--limit", "1")[0]
    assert "Nothing was found." in command("--until", "2026-01-01")[1]
    for bad in ("yesterday", "2h ago", "99999999999"):
        with pytest.raises(UsageError, match="is no time"):
            command("--since", bad)


def test_a_silent_node_is_named(command, queues):
    queues.silent.add("mail02")
    said = command("nobody@nowhere.example.org")[1]
    assert "mail02 doesn't answer" in said
    assert "Nothing was found" not in said


def test_root_is_answered_without_a_database_and_warned(command, monkeypatch):
    command("maria@elsewhere.example")
    entry = AuditEntry.objects.get(action="trace.search")
    assert (entry.actor, entry.subject) == ("ana@laptop", "maria@elsewhere.example")

    def fails(*_):
        raise UnavailableError("the database is away")

    monkeypatch.setattr("relevo.directory.trace.asking._note", fails)
    out, err = command("maria@elsewhere.example", "--limit", "2")
    assert "maria@elsewhere.example" in out
    assert "The audit log has no entry of this search: the database is away" in err


@pytest.mark.parametrize("words", [("a b",), ("--result", "lost"), ("--client", "x"), ("--after", "x")])
def test_what_makes_no_sense_is_one_sentence(command, words):
    with pytest.raises(DirectoryError):
        command(*words)

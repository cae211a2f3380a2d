"""`relevo queue`: what the operator's machine sends, and what a node answers; only Postfix is not there."""

from __future__ import annotations

import json
import sys

import pytest
import typer

from relevo.cli import accounts_common
from relevo.cli.main import build
from relevo.directory.models import AuditEntry
from relevo.errors import DirectoryError, QueueError, UsageError
from tests.unit.directory.test_command_line import send  # noqa: F401 - a fixture
from tests.unit.queue.memory import Platform, message


@pytest.fixture
def queues(platform, monkeypatch, tmp_path) -> Platform:
    """A node of a platform with three messages in its queues, on which root runs commands."""
    (tmp_path / "secrets.toml").touch()
    monkeypatch.setattr(accounts_common, "SECRETS_FILE", str(tmp_path / "secrets.toml"))
    monkeypatch.setenv("RELEVO_ACTOR", "ana@laptop")
    made = Platform()
    made.mail01.messages = {
        "AAAAA1": message("AAAAA1", "postmaster@example.org", "x@elsewhere.example", reason="Connection refused"),
        "AAAAA3": message("AAAAA3", "", "y@elsewhere.example"),
    }
    made.mail02.messages = {"AAAAA2": message("AAAAA2", "x@elsewhere.example", "postmaster@example.org", state="hold")}
    monkeypatch.setattr("relevo.queue.ask.ask", made.ask)
    return made


@pytest.fixture
def command(queues, capsys):
    """Run a command; return what it wrote."""

    def run(*words: str) -> tuple[str, str]:
        assert not build("queue")(["queue", *words], standalone_mode=False)
        said = capsys.readouterr()
        return said.out, said.err

    return run


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("queue list", "queue list"),
        ("queue list --sender=<> --state hold --format json", "queue list --sender=<> --state=hold --format=json"),
        ("queue show 4jcKGs3y4kz2FqvN", "queue show -- 4jcKGs3y4kz2FqvN"),
        ("queue retry --all", "queue retry --all"),
        ("queue hold AAAAA1 AAAAA2", "queue hold -- AAAAA1 AAAAA2"),
        ("queue delete --yes AAAAA1", "queue delete --yes -- AAAAA1"),
    ],
)
def test_the_same_command_line_is_sent(send, given, expected):  # noqa: F811 - the fixture
    words, stdin = send(*given.split())
    assert (" ".join(words), stdin) == (expected, None)


def test_list_as_a_table_and_as_json(command):
    table, said = command("list")
    why = "x@elsewhere.example: The other server refuses the connection. (Connection refused)"
    for text in ("AAAAA1", "mail02", "<>", why, "postmaster@example.org", "hold"):
        assert text in table
    assert not said
    told = json.loads(command("list", "--format", "json", "--state", "deferred")[0])
    assert [(one["id"], one["node"]) for one in told] == [("AAAAA1", "mail01"), ("AAAAA3", "mail01")]
    assert told[0]["recipients"][0]["what"] == "The other server refuses the connection."
    assert "Nothing waits." in command("list", "--search", "nobody")[1]


def test_a_long_list_says_how_it_goes_on(command):
    out, said = command("list", "--limit", "2")
    assert "AAAAA3" not in out
    assert "2 of 3 are shown." in said
    assert "relevo queue list --after AAAAA2" in said
    assert "AAAAA3" in command("list", "--after", "AAAAA2")[0]


def test_a_silent_node_is_said_beside_the_rows_of_the_other(command, queues):
    queues.mail02_dies(adopted=False)
    out, said = command("list")
    assert "AAAAA1" in out
    assert "mail02 doesn't answer" in said
    queues.mail01.messages = {}
    assert "Nothing waits" not in command("list")[1]
    with pytest.raises(QueueError, match="mail02 doesn't answer"):
        command("show", "AAAAA2")


def test_show(command):
    out, said = command("show", "AAAAA1")
    assert "it is tried again by itself" in said
    assert "Subject: Reunión" in out
    assert json.loads(command("show", "AAAAA1", "--format=json")[0])["headers"] == [["Subject", "Reunión"]]
    with pytest.raises(DirectoryError, match="there is no message BBBBB1"):
        command("show", "BBBBB1")


def test_changes_are_noted_as_done_by_who_is_behind_ssh(command, queues):
    assert "1 message is on hold." in command("hold", "AAAAA1")[1]
    assert "1 message is released" in command("release", "AAAAA1")[1]
    assert "2 messages are being tried now." in command("retry", "AAAAA1", "AAAAA3")[1]
    assert "1 message is deleted." in command("delete", "--yes", "AAAAA2")[1]
    assert not queues.mail02.messages
    entries = AuditEntry.objects.filter(action__startswith="queue.").order_by("pk")
    assert {entry.actor for entry in entries} == {"ana@laptop"}
    assert [(entry.action, entry.subject) for entry in entries] == [
        ("queue.hold", "postmaster@example.org"), ("queue.release", "postmaster@example.org"),
        ("queue.retry", "postmaster@example.org"), ("queue.retry", "y@elsewhere.example"),
        ("queue.delete", "postmaster@example.org"),
    ]


def test_everything_is_tried_when_that_is_said(command, queues):
    assert "Everything is being tried now." in command("retry", "--all")[1]
    assert (queues.mail01.tried, queues.mail02.tried) == (["everything"], ["everything"])
    for words in (("retry",), ("retry", "--all", "AAAAA1")):
        with pytest.raises(UsageError, match="--all"):
            command(*words)


def test_deleting_asks_first(command, queues, monkeypatch):
    with pytest.raises(UsageError, match="--yes"):
        command("delete", "AAAAA1")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(typer, "confirm", lambda *_, **__: (_ for _ in ()).throw(typer.Abort))
    with pytest.raises(typer.Abort):
        command("delete", "AAAAA1")
    assert len(queues.mail01.messages) == 2


@pytest.mark.parametrize("words", [
    ("hold", "ALL"), ("delete", "--yes", "../x"), ("list", "--state", "x"), ("list", "--node", "A"),
])
def test_what_makes_no_sense_is_one_sentence(command, words):
    with pytest.raises(DirectoryError):
        command(*words)

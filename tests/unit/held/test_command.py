"""`relevo list` and `relevo shared` on a node, as far as they hold posts and turn mailboxes; only Dovecot and Postfix
are not there.
"""

from __future__ import annotations

import json

import pytest

from relevo.cli import accounts_common
from relevo.cli.main import build
from tests.unit.held.memory import MemoryBox, stored

from relevo.directory import owners  # isort: skip - Django is started by the conftest
from relevo.directory.models import AuditEntry, DistributionList, Mailbox  # isort: skip - the same
from relevo.errors import DirectoryError  # isort: skip - the same

ALL = "all@example.org"


@pytest.fixture
def command(posts, capsys, monkeypatch, tmp_path):
    """Run a command as root on a node; return what it wrote."""
    (tmp_path / "secrets.toml").touch()
    monkeypatch.setattr(accounts_common, "SECRETS_FILE", str(tmp_path / "secrets.toml"))
    monkeypatch.setenv("RELEVO_ACTOR", "ana@laptop")

    def run(*words: str) -> tuple[str, str]:
        assert not build(words[0])(list(words), standalone_mode=False)
        written = capsys.readouterr()
        return written.out, written.err

    return run


def put(posts: MemoryBox, queued: str, subject: str) -> str:
    key = DistributionList.objects.get(address=ALL).pk
    posts.add(stored(queued, key, subject=subject))
    return f"{queued}-{key}"


def test_a_list_is_told_whose_posts_wait_and_for_whom(command) -> None:
    owner = ["--hold", "all", "--owner", "eva@example.org"]
    command("list", "add", "news@example.org", "--member", "ana@example.org", *owner)
    told = json.loads(command("list", "show", "news@example.org", "--format", "json")[0])[0]
    assert (told["moderated"], told["owners"]) == ("all", ["eva@example.org"])
    command("list", "set", "news@example.org", "--owner", "ana@example.org", "--owner", "luis@example.org")
    command("list", "set", "news@example.org", "--hold", "off")
    told = json.loads(command("list", "show", "news@example.org", "--format", "json")[0])[0]
    assert (told["moderated"], told["owners"]) == ("off", ["ana@example.org", "luis@example.org"])


def test_posts_are_shown_and_decided_about(command, posts: MemoryBox) -> None:
    first, second, third = (
        put(posts, f"4jcbQ71MCGz2GD3{number}", subject) for number, subject in enumerate(("One", "Two", "Three"))
    )
    out, _err = command("list", "held")
    assert all(word in out for word in (first, "One", ALL, "bad@outside.example"))
    told = json.loads(command("list", "held", "--search", "two", "--format", "json")[0])
    assert [one["id"] for one in told] == [second]
    assert "2 of 3 are shown." in command("list", "held", "--limit", "2")[1]
    assert "hello" in command("list", "held", second)[0]
    assert json.loads(command("list", "held", second, "--format", "json")[0])["subject"] == "Two"
    assert "on its way to the members" in command("list", "approve", first)[1]
    assert "is refused" in command("list", "refuse", second, "--reason", "Not here")[1]
    assert "is deleted" in command("list", "discard", "--yes", third)[1]
    assert "No post waits." in command("list", "held")[1]
    assert len(posts.sent) == 2  # to the members, and to who was refused
    assert AuditEntry.objects.get(action="post.approve").actor == "ana@laptop"


def test_when_they_can_t_be_read_a_sentence_says_so(command, posts: MemoryBox) -> None:
    posts.away = True
    with pytest.raises(DirectoryError, match="can't be read now"):
        command("list", "held")


def test_a_mailbox_becomes_a_shared_one_and_back(command) -> None:
    _out, err = command("shared", "from-mailbox", "eva@example.org", "--writer", "luis@example.org", "--yes")
    assert "nobody has a password for it" in err
    told = json.loads(command("shared", "show", "eva@example.org", "--format", "json")[0])[0]
    assert told["writers"] == ["luis@example.org"]
    _out, err = command("shared", "to-mailbox", "eva@example.org", "--yes")
    assert "relevo mailbox set eva@example.org --password" in err
    assert Mailbox.objects.filter(address="eva@example.org", shared_mark=None).exists()
    with pytest.raises(DirectoryError, match="is wrong"):
        owners.log_in("eva@example.org", "unrelated-words-9", "192.0.2.7")

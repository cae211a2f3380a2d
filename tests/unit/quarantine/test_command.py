"""`relevo quarantine` and `relevo sender` on a node; only Dovecot and Postfix are not there."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from relevo.cli import accounts_common
from relevo.cli.main import build
from tests.unit.quarantine.memory import MemoryStore

from relevo.directory.models import AuditEntry  # isort: skip - Django is started by the conftest
from relevo.errors import DirectoryError  # isort: skip - the same


@pytest.fixture
def command(kept, capsys, monkeypatch, tmp_path):
    """Run a command as root on a node; return what it wrote."""
    (tmp_path / "secrets.toml").touch()
    monkeypatch.setattr(accounts_common, "SECRETS_FILE", str(tmp_path / "secrets.toml"))
    monkeypatch.setenv("RELEVO_ACTOR", "ana@laptop")

    def run(*words: str) -> tuple[str, str]:
        assert not build(words[0])(list(words), standalone_mode=False)
        written = capsys.readouterr()
        return written.out, written.err

    return run


def test_list_and_show(command) -> None:
    out, _err = command("quarantine", "list")
    assert all(word in out for word in ("Spam-One_001", "Win", "ana+shop@example.org", "17.2"))
    told = json.loads(command("quarantine", "list", "--format", "json", "--limit", "2")[0])
    assert [one["id"] for one in told] == ["Program00003", "Both00000002"]
    assert "relevo quarantine list --after 2" in command("quarantine", "list", "--limit", "2")[1]
    out, _err = command("quarantine", "show", "Program00003")
    assert "Subject: Invoice" in out
    assert "¡barato!" in out
    assert "[factura.exe, application/octet-stream, 202]" in out
    assert json.loads(command("quarantine", "show", "Program00003", "--format", "json")[0])["kind"] == "attachment"


def test_release_and_delete(command, kept: MemoryStore) -> None:
    _out, err = command("quarantine", "release", "Program00003", "Nothing00009")
    assert "1 message is released and on its way." in err
    assert "1 is no longer in the quarantine." in err
    entry = AuditEntry.objects.get(action="quarantine.release")
    assert (entry.actor, entry.subject) == ("ana@laptop", "ana@example.org")
    command("quarantine", "delete", "--yes", "Both00000002")
    assert len(kept.mails) == 2
    kept.away = True
    with pytest.raises(DirectoryError, match="can't be read now"):
        command("quarantine", "list")


def test_senders(command) -> None:
    command("sender", "block", "bad.example")
    command("sender", "allow", "Shop@example.com", "--for", "ana@example.org")
    told = json.loads(command("sender", "list", "--format", "json")[0])
    assert [(one["sender"], one["recipient"], one["verdict"]) for one in told] == [
        ("bad.example", "*", "block"), ("shop@example.com", "ana@example.org", "allow"),
    ]
    assert all(one["id"] and one["since"] for one in told)
    for words in (("--search", "SHOP ana"), ("--domain", "example.org")):
        found = json.loads(command("sender", "list", "--format", "json", *words)[0])
        assert [one["sender"] for one in found] == ["shop@example.com"]
    command("sender", "remove", "bad.example")
    with pytest.raises(DirectoryError, match="nothing is said of bad"):
        command("sender", "remove", "bad.example")


def test_lists_now(command, kept: MemoryStore, settings_of) -> None:
    kept.at = dict.fromkeys(kept.at, timezone.now())
    assert "1 list of refused mail sent" in command("quarantine", "digest", "--for", "Ana@second.example")[1]
    assert [to for _, to, _ in kept.sent] == [("ana@second.example",)]
    assert AuditEntry.objects.get(action="quarantine.digest").subject == "ana@second.example"
    with pytest.raises(DirectoryError, match="there is no mailbox"):
        command("quarantine", "digest", "--for", "nobody@example.org")
    with settings_of(RELEVO_DIGEST=False), pytest.raises(DirectoryError, match=r"filter\.digest"):
        command("quarantine", "digest")

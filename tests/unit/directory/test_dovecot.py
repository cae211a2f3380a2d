"""What Dovecot is asked to forget: one account, or all of a domain."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from relevo.directory import domains, dovecot, hooks

pytestmark = pytest.mark.usefixtures("platform")


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in for doveadm(1): note what it is asked for."""
    notes, program = tmp_path / "notes", tmp_path / "doveadm"
    program.write_text(f'#!/bin/sh\necho "$@" >> {notes}\n')
    program.chmod(0o755)
    notes.touch()
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return notes


def test_one_account_is_forgotten_and_logged_out(asked: Path):
    dovecot.forget("ana@example.org", lost=False)
    assert asked.read_text().splitlines() == ["auth cache flush ana@example.org"]
    dovecot.forget("ana@example.org", lost=True)
    assert asked.read_text().splitlines()[-1] == "kick ana@example.org"


def test_all_accounts_of_a_domain_are(asked: Path):
    dovecot.forget("@example.org", lost=True)
    assert asked.read_text().splitlines() == ["auth cache flush", "kick *@example.org"]


@pytest.mark.parametrize("question", ["flush ana@example.org", "kick @example.org"])
def test_who_may_not_asks_root(question: str, asked: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(question + "\n"))
    assert dovecot.main() == 0
    assert asked.read_text()


@pytest.mark.parametrize("question", ["kick *", "kick *@*", "flush", "flush a b@c", "flush -A", "kick @", ""])
def test_nothing_else_is_done(question: str, asked: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(question + "\n"))
    assert dovecot.main() == 1
    assert not asked.read_text()


def test_who_is_in_a_domain_that_is_switched_off_is_out_at_once(monkeypatch: pytest.MonkeyPatch):
    told: list[tuple[str, bool]] = []
    monkeypatch.setattr(hooks, "account_changed", lambda address, *, lost=False: told.append((address, lost)))
    domains.add("second.example")
    told.clear()
    domains.change("second.example", mailbox_limit=5)
    assert told == []
    domains.change("second.example", enabled=False)
    domains.change("second.example", enabled=True)
    assert told == [("@second.example", True), ("@second.example", False)]

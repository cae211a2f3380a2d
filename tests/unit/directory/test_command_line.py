"""What the operator's machine sends to the node that holds the virtual IP."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from relevo.cli import accounts_common
from relevo.cli.main import build
from relevo.errors import DirectoryError, UsageError

PASSWORD = "four unrelated words"


@pytest.fixture
def send(monkeypatch, tmp_path):
    """Run a command line as on a machine that is no node; return the words and the stdin that would be sent."""
    sent: list[tuple[list[str], str | None]] = []
    monkeypatch.setattr(accounts_common, "SECRETS_FILE", str(tmp_path / "none"))

    def catch(words: list[str], _file: Path | None, stdin: str | None) -> int:
        sent.append((words, stdin))
        return 7

    monkeypatch.setattr(accounts_common, "_send", catch)

    def run(*words: str, stdin: str = "") -> tuple[list[str], str | None]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        assert build(words[0])(list(words), standalone_mode=False) == 7
        return sent.pop()

    return run


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("domain show", "domain show"),
        ("domain add a.example --alias-of=b.example", "domain add --alias-of=b.example -- a.example"),
        ("domain set a.example --no-catch-all --mailboxes 0", "domain set --no-catch-all --mailboxes=0 -- a.example"),
        ("mailbox set a@b.example --disabled", "mailbox set --disabled -- a@b.example"),
        ("mailbox set a@b.example --forward x@y.example --forward z@y.example --no-keep-copy",
         "mailbox set --forward=x@y.example --forward=z@y.example --no-keep-copy -- a@b.example"),
        ("mailbox remove a@b.example -f other.toml", "mailbox remove -- a@b.example"),
        ("mailbox purge --yes a@b.example", "mailbox purge --yes -- a@b.example"),
        ("mailbox show --format json --domain b.example", "mailbox show --domain=b.example --format=json"),
        ("mailbox revoke-app-passwords --yes a@b.example", "mailbox revoke-app-passwords --yes -- a@b.example"),
        ("mailbox set a@b.example --without-second-factor", "mailbox set --without-second-factor -- a@b.example"),
        ("domain set a.example --no-owners-forward-outside", "domain set --no-owners-forward-outside -- a.example"),
        ("admin set a@b.example --without-second-factor", "admin set --without-second-factor -- a@b.example"),
        ("alias add a@b.example x@y.example z@y.example", "alias add -- a@b.example x@y.example z@y.example"),
        ("trace a@b.example --since 2d --result rejected --format json",
         "trace --since=2d --result=rejected --format=json -- a@b.example"),
        ("list add a@b.example --posting named --sender x@y.example",
         "list add --posting=named --sender=x@y.example -- a@b.example"),
    ],
)
def test_the_same_command_line_is_sent(send, given, expected):
    words, stdin = send(*given.split())
    assert " ".join(words) == expected
    assert stdin is None


def test_a_password_goes_by_stdin_only(send):
    given = ("mailbox", "add", "a@b.example", "--name=Ana María", "--password-stdin")
    words, stdin = send(*given, stdin=PASSWORD + "\r\n")
    assert words == ["mailbox", "add", "--name=Ana María", "--password-stdin", "--", "a@b.example"]
    assert stdin == PASSWORD + "\n"


@pytest.mark.parametrize(
    "words",
    [
        ("mailbox", "add", "a@b.example"),
        ("mailbox", "purge", "a@b.example"),
        ("mailbox", "revoke-app-passwords", "a@b.example"),
        ("mailbox", "set", "a@b.example", "--password"),
    ],
)
def test_without_a_terminal_nothing_is_asked(send, words):
    with pytest.raises(UsageError, match="no terminal"):
        send(*words)


def test_an_empty_password_is_refused(send):
    with pytest.raises(UsageError, match="no password on stdin"):
        send("mailbox", "add", "a@b.example", "--password-stdin")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LANG": "es_BO.UTF-8"}, "LANGUAGE=es_BO.UTF-8"),
        ({"LANG": "es_BO.UTF-8", "LC_ALL": "C"}, "LANGUAGE=C"),
        ({"LANG": "C", "LANGUAGE": "es"}, "LANGUAGE=es"),
        ({}, "LANGUAGE=C"),
    ],
)
def test_the_language_goes_along(monkeypatch, variables, expected):
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert accounts_common.environment()[0] == expected


@pytest.mark.parametrize("kind", ["mailbox", "alias", "list"])
def test_a_table_goes_by_stdin_with_its_passwords(send, tmp_path, kind):
    table = tmp_path / "table.csv"
    table.write_bytes(b"\xef\xbb\xbfaddress,password\r\n\xc3\xb1@b.example," + PASSWORD.encode() + b"\r\n")
    words, stdin = send(kind, "import", str(table), "--dry-run")
    assert words == [kind, "import", "--dry-run", "--", "-"]
    assert stdin == f"address,password\r\nñ@b.example,{PASSWORD}\r\n"


def test_a_table_that_is_not_there_or_not_utf_8_is_told_here(send, tmp_path):
    with pytest.raises(UsageError, match="can't be read"):
        send("mailbox", "import", str(tmp_path / "none.csv"))
    latin = tmp_path / "latin.csv"
    latin.write_bytes(b"address,name\na@b.example,Mar\xeda\n")
    with pytest.raises(DirectoryError, match="line 2 is not UTF-8"):
        send("mailbox", "import", str(latin))

"""`relevo mailbox import` and `export` as on a node."""

from __future__ import annotations

import pytest

from relevo.cli import accounts_common
from relevo.cli.main import build
from relevo.directory import mailboxes
from relevo.directory.models import Mailbox
from relevo.errors import DirectoryError

STRONG = "unrelated-words-9"

pytestmark = pytest.mark.usefixtures("platform")


@pytest.fixture
def on_a_node(monkeypatch, tmp_path, capsys):
    """Run a command line; return what it writes to stdout and stderr."""
    secrets = tmp_path / "secrets"
    secrets.touch()
    monkeypatch.setattr(accounts_common, "SECRETS_FILE", str(secrets))

    def run(*words: str) -> tuple[str, str]:
        build(words[0])(list(words), standalone_mode=False)
        written = capsys.readouterr()
        return written.out, written.err

    return run


def test_a_dry_run_says_what_would_be_and_the_same_without_does_it(on_a_node, tmp_path):
    table = tmp_path / "table.csv"
    table.write_text(f"address,name,password\nn@example.org,[b]Né[/b],{STRONG}\n")
    _out, said = on_a_node("mailbox", "import", str(table), "--dry-run")
    assert "To add: 1. To change: 0." in said
    assert not Mailbox.objects.filter(address="n@example.org").exists()
    _out, said = on_a_node("mailbox", "import", str(table))
    assert "Added: 1. Changed: 0." in said
    assert STRONG not in said
    assert Mailbox.objects.get(address="n@example.org").name == "[b]Né[/b]"
    _out, said = on_a_node("mailbox", "import", str(table))
    assert "As the table says already: 1." in said


def test_all_mistakes_are_listed_and_nothing_is_done(on_a_node, tmp_path, capsys):
    table = tmp_path / "table.csv"
    table.write_text(f"address,password\nn@example.org,{STRONG}\nñ@example.org,{STRONG}\nx@nowhere.example,short\n")
    with pytest.raises(DirectoryError, match="mistakes in the table: 3"):
        on_a_node("mailbox", "import", str(table))
    said = capsys.readouterr().err
    assert "line 3, address: " in said
    assert "line 4, address: " in said
    assert "line 4, password: " in said
    assert not Mailbox.objects.filter(address="n@example.org").exists()


def test_what_there_is_goes_to_stdout_alone(on_a_node):
    mailboxes.add("ana@example.org", STRONG, name="Ana")
    out, said = on_a_node("mailbox", "export", "--domain", "example.org")
    assert out.splitlines()[0] == "address,name,quota_mb,enabled,forward,keep_copy"
    assert "ana@example.org,Ana,2048,yes,,yes" in out
    assert said == ""

"""`relevo dkim` and `relevo dns`: what the operator's machine sends, what a node answers, and what is published."""

from __future__ import annotations

import json
import sys

import pytest
import typer

from relevo.cli import accounts_common
from relevo.cli import dns as dns_command
from relevo.cli.main import build
from relevo.cluster.pki import dkim_public_key, make_dkim_key
from relevo.deploy.shell import CommandFailed
from relevo.directory import domains
from relevo.directory.dkim import keys
from relevo.directory.models import AuditEntry
from relevo.errors import DirectoryError, RelevoError, UsageError
from relevo.operate import dkim
from relevo.records.mail import PublicKey
from tests.unit.directory.lookups import Names
from tests.unit.directory.test_command_line import send  # noqa: F401 - a fixture

DOMAIN = "second.example"


@pytest.fixture
def names(platform, monkeypatch, tmp_path) -> Names:
    """A node of a platform with a second domain, on which root runs commands."""
    (tmp_path / "secrets.toml").touch()
    monkeypatch.setattr(accounts_common, "SECRETS_FILE", str(tmp_path / "secrets.toml"))
    monkeypatch.setenv("RELEVO_ACTOR", "ana@laptop")
    domains.add(DOMAIN)
    made = Names()
    monkeypatch.setattr("relevo.lookup.ask.ask", made.ask)
    return made


@pytest.fixture
def command(names, capsys):
    """Run a command; return what it wrote."""

    def run(*words: str) -> tuple[str, str]:
        assert not build("dkim")(["dkim", *words], standalone_mode=False)
        said = capsys.readouterr()
        return said.out, said.err

    return run


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("dkim list", "dkim list"),
        ("dkim list second.example --format json", "dkim list --format=json -- second.example"),
        ("dkim make second.example", "dkim make -- second.example"),
        ("dkim rotate --published second.example", "dkim rotate --published -- second.example"),
        ("dkim retire --yes second.example s1", "dkim retire --yes -- second.example s1"),
        ("dkim delete --now --yes second.example s1", "dkim delete --now --yes -- second.example s1"),
    ],
)
def test_the_same_command_line_is_sent(send, given, expected):  # noqa: F811 - the fixture
    words, stdin = send(*given.split())
    assert (" ".join(words), stdin) == (expected, None)


def test_a_rotation_step_by_step(command, names):
    first = keys.listing().get()
    with pytest.raises(DirectoryError, match="--published"):
        command("rotate", DOMAIN)
    names.publish(first)
    assert f"is signed with {first.selector} from now on" in command("rotate", DOMAIN)[1]
    out, said = command("rotate", DOMAIN)
    second = keys.listing().get(state="new")
    assert out.startswith(f'{second.name}. 300 IN TXT "v=DKIM1; k=rsa; p=')
    assert f"The key {second.selector} is made." in said
    command("rotate", DOMAIN, "--published")
    table, _said = command("list")
    assert "retired" in table
    assert "signing" in table
    told = json.loads(command("list", DOMAIN, "--format", "json")[0])
    assert [(one["selector"], one["state"]) for one in told] == [
        (first.selector, "retired"), (second.selector, "signing"),
    ]
    assert not [one for one in told if "sealed" in one]
    assert {entry.actor for entry in AuditEntry.objects.filter(action="dkim.sign")} == {"ana@laptop"}


def test_stopping_and_deleting_ask_first(command, names, monkeypatch):
    key = keys.listing().get()
    command("sign", DOMAIN, key.selector, "--published")
    for words in (("retire", DOMAIN, key.selector), ("delete", DOMAIN, key.selector, "--now")):
        with pytest.raises(UsageError, match="--yes"):
            command(*words)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(typer, "confirm", lambda *_, **__: (_ for _ in ()).throw(typer.Abort))
    with pytest.raises(typer.Abort):
        command("retire", DOMAIN, key.selector)
    assert keys.listing().get().state == "signing"
    assert "not signed any more" in command("retire", DOMAIN, key.selector, "--yes")[1]
    with pytest.raises(DirectoryError, match="--now"):
        command("delete", DOMAIN, key.selector, "--yes")
    assert key.name in command("delete", DOMAIN, key.selector, "--now", "--yes")[1]
    assert not keys.listing()


def test_the_step_that_the_timer_takes(command):
    assert "Nothing was due." in command("step")[1]


# --- `relevo dns` -----------------------------------------------------------------------------------------------------
def test_the_keys_that_a_node_tells_are_those_to_publish():
    told = [
        {"domain": "a.example", "selector": "s1", "public": "MIIB", "needed": True},
        {"domain": "a.example", "selector": "s0", "public": "MIIA", "needed": False},
        {"domain": "b.example", "selector": "s2", "public": "MIIC", "needed": True},
    ]
    assert dkim.parse(json.dumps(told)) == {
        "a.example": [PublicKey("s1", "MIIB")], "b.example": [PublicKey("s2", "MIIC")],
    }
    with pytest.raises(CommandFailed, match="Segmentation"):
        dkim.parse("Segmentation fault")


@pytest.fixture
def operator(cluster, secrets, monkeypatch, capsys):
    """Run `relevo dns` on the operator's machine; the platform has the keys that are given, or does not answer."""
    pem = make_dkim_key()
    own = secrets.model_copy(update={"dkim_key": type(secrets.dkim_key)(pem)})
    monkeypatch.setattr(dns_command.load, "load", lambda _path: cluster)
    monkeypatch.setattr(dns_command.secrets, "read", lambda _path: own)

    def run(answer: object, *words: str) -> tuple[list[dict], str]:
        def ask(*_given):
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(dkim, "published", ask)
        build("dns")(["dns", "show", *words, "--format", "json"], standalone_mode=False)
        said = capsys.readouterr()
        return json.loads(said.out), said.err

    run.public = dkim_public_key(pem)
    return run


def keys_in(records: list[dict]) -> list[tuple[str, str]]:
    return [(one["name"], one["data"]) for one in records if "._domainkey." in one["name"]]


def test_each_domain_has_its_own_keys_published(operator, cluster):
    known = {cluster.domain: [PublicKey("s1", "MIIB"), PublicKey("s2", "MIIC")], "b.example": [PublicKey("x", "MIID")]}
    records, said = operator(known, cluster.domain, "b.example")
    assert keys_in(records) == [
        (f"s1._domainkey.{cluster.domain}", "v=DKIM1; k=rsa; p=MIIB"),
        (f"s2._domainkey.{cluster.domain}", "v=DKIM1; k=rsa; p=MIIC"),
        ("x._domainkey.b.example", "v=DKIM1; k=rsa; p=MIID"),
    ]
    assert "no DKIM key" not in said
    records, said = operator(known, "c.example")
    assert keys_in(records) == []
    assert "c.example" in said
    assert "relevo dkim make" in said


def test_before_there_is_a_platform_the_first_domains_records_are_known(operator, cluster):
    nobody = RelevoError("no mail node holds the virtual IP")
    records, said = operator(nobody)
    assert keys_in(records) == [(f"relevo._domainkey.{cluster.domain}", f"v=DKIM1; k=rsa; p={operator.public}")]
    assert "no mail node holds the virtual IP" in said
    with pytest.raises(RelevoError, match="no mail node"):
        operator(nobody, "b.example")

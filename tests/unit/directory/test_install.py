from __future__ import annotations

import pytest
from django.db import OperationalError, connection
from django.test import override_settings

from relevo.directory import database, describe, install, mailboxes, passwords
from relevo.directory.models import Alias, Mailbox
from relevo.errors import DirectoryError

SECRET = "secret of the probe"
PROBE = "relevo-probe-mail01@example.org"


@pytest.fixture(autouse=True)
def keep_connection(monkeypatch):
    """A closed connection would take the database in memory with it."""
    monkeypatch.setattr(connection, "close", lambda: None)


def wanting(password: str = SECRET) -> list[str | None]:
    return [
        install.tables_wanting(), install.first_domain_wanting(), install.OwnMailbox(PROBE, password).wanting(),
        install.postmaster_wanting(),
    ]


@pytest.mark.usefixtures("platform")
def test_after_the_installation_nothing_is_wanting():
    assert wanting() == [None] * 4


@pytest.mark.usefixtures("platform")
def test_the_probe_mailbox_is_mended():
    assert wanting("another secret")[2] == f"mend {PROBE}"
    install.OwnMailbox(PROBE, "another secret").ensure()
    assert wanting("another secret") == [None] * 4
    Mailbox.objects.filter(address=PROBE).update(enabled=False)
    assert wanting("another secret")[2] == f"mend {PROBE}"


@pytest.mark.usefixtures("platform")
def test_a_mailbox_that_somebody_has_at_such_an_address_is_not_taken_over():
    mailboxes.add("relevo-held@example.org", "unrelated-words-9", name="Ana")
    with pytest.raises(DirectoryError, match=r"somebody's mailbox.*relevo mailbox purge relevo-held@example\.org"):
        install.OwnMailbox("relevo-held@example.org", SECRET).ensure()
    box = Mailbox.objects.get(address="relevo-held@example.org")
    assert (box.hidden, box.name, passwords.matches(box.password, "unrelated-words-9")) == (False, "Ana", True)
    mailboxes.remove("relevo-held@example.org")
    with pytest.raises(DirectoryError, match=r"somebody's mailbox"):
        install.OwnMailbox("relevo-held@example.org", SECRET).ensure()


@pytest.mark.usefixtures("platform")
def test_an_automatic_alias_follows_the_postmaster_of_the_cluster_file(lookup):
    with override_settings(RELEVO_POSTMASTER="boss@else.example"):
        assert wanting()[3] == "postmaster and abuse of example.org"
        install.ensure_postmaster()
        assert wanting()[3] is None
        assert lookup("lookup_alias", "target", source="abuse@example.org") == {("boss@else.example",)}
        assert Mailbox.objects.filter(address="postmaster@example.org").exists()  # what a person may use is not touched


@pytest.mark.usefixtures("platform")
def test_a_lost_alias_is_made_again():
    Alias.objects.filter(address="abuse@example.org").delete()
    assert wanting()[3] == "postmaster and abuse of example.org"
    install.ensure_postmaster()
    assert wanting()[3] is None


@pytest.mark.usefixtures("platform")
def test_a_plan_bears_a_database_that_is_not_there(monkeypatch):
    def gone(*_args, **_kwargs):
        raise OperationalError(2002, "Can't connect")

    with monkeypatch.context() as broken:
        broken.setattr(connection, "cursor", gone)
        broken.setattr(install, "MigrationExecutor", gone)
        assert all(wanting())


@pytest.mark.parametrize("code", [1213, 1205, 1020])
def test_a_change_that_met_another_one_is_run_again(installed, code):
    tries = []

    @database.changing
    def work() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError(code, "try restarting transaction")
        return "done"

    assert work() == "done"
    assert len(tries) == 3


def test_a_database_that_refuses_is_explained(installed):
    @database.changing
    def work() -> None:
        raise OperationalError(1047, "WSREP has not yet prepared node for application use")

    with pytest.raises(DirectoryError, match="WSREP has not yet prepared node"):
        work()


@pytest.mark.usefixtures("platform")
def test_the_lists_of_accounts_ask_a_fixed_number_of_queries():
    for number in range(5):
        mailboxes.add(f"box{number}@example.org", "four unrelated words", forward=["x@else.example"])
    connection.force_debug_cursor = True
    try:
        before = len(connection.queries_log)
        rows = [describe.mailbox(box) for box in mailboxes.listing()]
        assert len(connection.queries_log) - before == 3  # mailboxes, forwarding, app passwords
        assert len(rows) == 6
    finally:
        connection.force_debug_cursor = False

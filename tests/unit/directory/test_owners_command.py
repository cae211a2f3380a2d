"""The commands that look after what owners have set up by themselves, as on a node."""

from __future__ import annotations

import time

import pytest

from relevo.directory import app_passwords, mailboxes, owner_factors, totp
from relevo.directory.models import Domain, Mailbox
from relevo.errors import DirectoryError
from tests.unit.directory.test_bulk_command import on_a_node  # noqa: F401 - a fixture

ANA = "ana@example.org"


@pytest.fixture
def ana(platform):
    return mailboxes.add(ANA, "unrelated-words-9")


def test_all_app_passwords_are_revoked_with_the_next_step_said(on_a_node, ana):  # noqa: F811 - the fixture
    app_passwords.add(ana, "phone", ["imap"])
    _out, said = on_a_node("mailbox", "revoke-app-passwords", "--yes", ANA)
    assert "are revoked" in said
    assert f"relevo mailbox set {ANA} --password" in said
    assert not app_passwords.of(ana).exists()
    with pytest.raises(DirectoryError, match="has no app passwords"):
        on_a_node("mailbox", "revoke-app-passwords", "--yes", ANA)


def test_a_lost_second_factor_is_taken_away(on_a_node, ana):  # noqa: F811 - the fixture
    sealed = totp.draw_key()
    owner_factors.confirm(ana, sealed, totp.code_at(sealed, int(time.time())))
    on_a_node("mailbox", "set", ANA, "--without-second-factor")
    assert not owner_factors.app_of(Mailbox.objects.get(address=ANA))
    assert owner_factors.left(ana) == 0
    with pytest.raises(DirectoryError, match="has no second factor"):
        on_a_node("mailbox", "set", ANA, "--without-second-factor")


def test_owners_forwarding_is_switched_off_and_on(on_a_node, platform):  # noqa: F811 - the fixture
    for option, expected in (("--no-owners-forward-outside", False), ("--owners-forward-outside", True)):
        on_a_node("domain", "set", "example.org", option)
        assert Domain.objects.get(name="example.org").owners_forward_outside is expected

from __future__ import annotations

import pytest

from relevo.directory import administrators, audit, describe, domains, passwords
from relevo.directory.models import Administrator, AuditEntry
from relevo.errors import DirectoryError

STRONG = "unrelated-words-9"

pytestmark = pytest.mark.usefixtures("platform")


@pytest.fixture
def first(platform) -> Administrator:
    return administrators.add("Root@Elsewhere.example", STRONG, role="global")


def test_an_administrator_is_described_without_a_password(first):
    assert describe.administrator(first) == {
        "address": "root@elsewhere.example", "role": "global", "domains": [], "enabled": True,
        "second_factor": False, "last_login": None,
    }
    assert passwords.matches(first.password, STRONG)
    assert STRONG not in first.password


def test_a_domains_administrator_has_domains_and_a_global_one_has_none(first):
    made = administrators.add("ana@example.org", STRONG, domains=["example.org"])
    assert describe.administrator(made)["domains"] == ["example.org"]
    with pytest.raises(DirectoryError, match="at least one domain"):
        administrators.add("luis@example.org", STRONG)
    with pytest.raises(DirectoryError, match="for all domains"):
        administrators.add("luis@example.org", STRONG, role="global", domains=["example.org"])
    with pytest.raises(DirectoryError, match=r"no domain nowhere\.example"):
        administrators.add("luis@example.org", STRONG, domains=["nowhere.example"])
    assert not Administrator.objects.filter(address="luis@example.org").exists()


@pytest.mark.parametrize(
    ("address", "password", "because"),
    [
        ("root@elsewhere.example", STRONG, "already"),
        ("no address", STRONG, "is no address"),
        ("ñandú@example.org", STRONG, "only ASCII"),
        ("<b>x</b>@example.org", STRONG, "is no address"),
        ("ana@example.org", "short", "10 to 128"),
        ("ana@example.org", "password123", "among the first"),
        ("marisol@example.org", "marisol-and-more", "part of the address"),
    ],
)
def test_what_is_refused(first, address, password, because):
    with pytest.raises(DirectoryError, match=because):
        administrators.add(address, password, role="global")


def test_an_international_domain_and_a_plus_tag_are_fine(first):
    made = administrators.add("ana+admin@CAMIÓN.example", STRONG, role="global")
    assert made.address == "ana+admin@xn--camin-3ta.example"
    assert administrators.find("ana+admin@camión.example") == made


def test_a_role_nobody_has_is_refused(first):
    with pytest.raises(DirectoryError, match="global or domain"):
        administrators.change("root@elsewhere.example", role="king")


def test_the_last_global_administrator_who_can_log_in_stays(first):
    administrators.add("off@example.org", STRONG, role="global", enabled=False)
    administrators.add("ana@example.org", STRONG, domains=["example.org"])
    for attempt in (
        lambda: administrators.remove(first.address),
        lambda: administrators.change(first.address, enabled=False),
        lambda: administrators.change(first.address, role="domain", domains=["example.org"]),
    ):
        with pytest.raises(DirectoryError, match="last global administrator"):
            attempt()
    assert Administrator.objects.get(pk=first.pk).is_global
    administrators.change("off@example.org", enabled=True)
    administrators.remove(first.address)
    assert not Administrator.objects.filter(pk=first.pk).exists()


def test_who_is_not_the_last_one_can_go(first):
    administrators.add("ana@example.org", STRONG, domains=["example.org"])
    administrators.change("ana@example.org", enabled=False)
    administrators.remove("ana@example.org")
    with pytest.raises(DirectoryError, match="no administrator"):
        administrators.find("ana@example.org")


def test_roles_change_with_their_domains(first):
    domains.add("second.example")
    administrators.add("ana@example.org", STRONG, domains=["example.org"])
    changed = administrators.change("ana@example.org", domains=["second.example"])
    assert describe.administrator(changed)["domains"] == ["second.example"]
    changed = administrators.change("ana@example.org", role="global")
    assert describe.administrator(changed)["domains"] == []
    with pytest.raises(DirectoryError, match="at least one domain"):
        administrators.change("ana@example.org", role="domain")
    changed = administrators.change("ana@example.org", role="domain", domains=["example.org"])
    assert describe.administrator(changed)["role"] == "domain"


def test_a_new_password_ends_the_old_ones_sessions(first):
    before = first.get_session_auth_hash()
    changed = administrators.set_password(first.address, "other-words-10-of-them")
    assert changed.check_password("other-words-10-of-them")
    assert changed.get_session_auth_hash() != before


def test_a_domain_can_go_with_its_administrators_staying(first):
    domains.add("second.example")
    administrators.add("ana@example.org", STRONG, domains=["second.example"])
    domains.remove("second.example")
    assert describe.administrator(administrators.find("ana@example.org"))["domains"] == []


def test_what_was_done_is_in_the_audit_log_with_where_it_came_from(first):
    with audit.acting("root@elsewhere.example", "192.0.2.7"):
        administrators.add("ana@example.org", STRONG, domains=["example.org"])
    entry = AuditEntry.objects.first()
    assert (entry.actor, entry.source, entry.action) == ("root@elsewhere.example", "192.0.2.7", "admin.add")
    assert (entry.subject, entry.domain) == ("ana@example.org", "example.org")
    assert entry.detail == {"role": "domain", "domains": ["example.org"], "enabled": True}


def test_who_can_add_one_by_command_may_remove_the_last(first):
    administrators.remove(first.address, last=True)
    assert not Administrator.objects.exists()

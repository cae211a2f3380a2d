from __future__ import annotations

import pytest

from relevo.directory import administrators, aliases, domains, lists, mailboxes, scope

STRONG = "unrelated-words-9"


@pytest.fixture
def two_domains(platform) -> None:
    domains.add("second.example")
    for domain in ("example.org", "second.example"):
        mailboxes.add(f"ana@{domain}", STRONG)
        aliases.add(f"info@{domain}", [f"ana@{domain}"])
        lists.add(f"all@{domain}", [f"ana@{domain}"])


def test_a_global_administrator_sees_everything(two_domains):
    root = administrators.add("root@example.org", STRONG, role="global")
    assert [str(domain) for domain in scope.domains(root)] == ["example.org", "second.example"]
    assert scope.within(root, mailboxes.listing()).count() == mailboxes.listing().count()
    assert scope.audit_entries(root).filter(action="admin.add").exists()


def test_a_domains_administrator_sees_what_is_in_it(two_domains):
    ana = administrators.add("ana@elsewhere.example", STRONG, domains=["second.example"])
    assert [str(domain) for domain in scope.domains(ana)] == ["second.example"]
    assert [str(box) for box in scope.within(ana, mailboxes.listing())] == ["ana@second.example"]
    seen = {str(alias) for alias in scope.within(ana, aliases.listing())}
    assert seen == {"abuse@second.example", "info@second.example", "postmaster@second.example"}
    assert [str(entry) for entry in scope.within(ana, lists.listing())] == ["all@second.example"]


def test_of_the_audit_log_it_sees_its_domains_and_no_administrators(two_domains):
    ana = administrators.add("ana@second.example", STRONG, domains=["second.example"])
    entries = scope.audit_entries(ana)
    assert {entry.domain for entry in entries} == {"second.example"}
    assert not [entry for entry in entries if entry.action.startswith("admin.")]

"""DKIM keys: how they are made, sign one after the other, and go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.utils import timezone

from relevo.cluster.pki import dkim_public_key, make_dkim_key
from relevo.cluster.sealing import WrongKey, unseal
from relevo.directory import domains, install, scope
from relevo.directory.dkim import keys, publishing, steps
from relevo.directory.dkim_models import SAFE, DkimKey, KeyState
from relevo.directory.models import Administrator, AuditEntry, Role
from relevo.errors import DirectoryError, DnsError
from relevo.records.verdict import Verdict
from tests.unit.directory.lookups import Names

pytestmark = pytest.mark.usefixtures("platform")
DOMAIN = "second.example"
BOX = "key of the box"  # as in the settings of these tests


@pytest.fixture(autouse=True)
def names(monkeypatch) -> Names:
    made = Names()
    monkeypatch.setattr("relevo.lookup.ask.ask", made.ask)
    return made


@pytest.fixture(scope="module")
def first_pem() -> str:
    return make_dkim_key()


@pytest.fixture
def new(platform) -> DkimKey:
    """The key that a new domain gets."""
    domains.add(DOMAIN)
    return keys.listing().get()


@pytest.fixture
def signing(new, names) -> DkimKey:
    names.publish(new)
    return keys.sign(DOMAIN, new.selector)


def states() -> dict[str, str]:
    return dict(keys.listing().values_list("selector", "state"))


def actions() -> list[str]:
    return list(AuditEntry.objects.filter(action__startswith="dkim.").order_by("pk").values_list("action", flat=True))


def long_ago(key: DkimKey, **fields: timedelta) -> None:
    DkimKey.objects.filter(pk=key.pk).update(**{name: timezone.now() - age for name, age in fields.items()})


def test_a_new_domain_gets_a_key_that_signs_nothing_yet_and_only_the_box_key_opens(new):
    assert (new.domain.name, new.state, new.signing_at) == (DOMAIN, KeyState.NEW, None)
    assert new.selector.startswith("relevo-20")
    pem = unseal(new.sealed, BOX).decode()
    assert load_pem_private_key(pem.encode(), None).key_size == 2048
    assert dkim_public_key(pem) == new.public
    with pytest.raises(WrongKey):
        unseal(new.sealed, "for tests")  # Django's secret key, which the web knows
    assert pem[40:80] not in str(list(AuditEntry.objects.values()))


def test_there_is_one_new_key_at_most_and_its_name_is_never_used_again(new):
    with pytest.raises(DirectoryError, match=new.selector):
        keys.make(DOMAIN)
    keys.delete(DOMAIN, new.selector)
    assert keys.make(DOMAIN).selector != new.selector


def test_a_key_signs_only_when_dns_shows_it(new, names):
    with pytest.raises(DirectoryError, match="no such record"):
        keys.sign(DOMAIN, new.selector)
    names.records[new.name, "TXT"] = ["v=DKIM1; k=rsa; p=OTHER"]
    with pytest.raises(DirectoryError, match="another key"):
        keys.sign(DOMAIN, new.selector)
    names.publish(new)
    names.differ = {new.name}
    with pytest.raises(DirectoryError, match="don't all say the same"):
        keys.sign(DOMAIN, new.selector)
    names.differ, names.silent = set(), {new.name}
    with pytest.raises(DirectoryError, match="in time"):
        keys.sign(DOMAIN, new.selector)
    names.silent, names.fails = set(), ConnectionRefusedError(111, "Connection refused")
    with pytest.raises(DnsError, match="relevo-lookup"):
        keys.sign(DOMAIN, new.selector)
    assert states() == {new.selector: "new"}
    names.fails = None
    assert keys.sign(DOMAIN, new.selector).state == KeyState.SIGNING


def test_who_has_seen_it_elsewhere_says_so_and_that_is_noted(new, names):
    names.fails = ConnectionRefusedError(111, "Connection refused")
    assert keys.sign(DOMAIN, new.selector, published=True).state == KeyState.SIGNING
    entry = AuditEntry.objects.get(action="dkim.sign")
    assert (entry.subject, entry.domain, entry.detail["published"]) == (DOMAIN, DOMAIN, "said")


def test_a_rotation_is_two_steps_and_leaves_one_key_that_signs(signing, names):
    second = keys.rotate(DOMAIN)
    assert states() == {signing.selector: "signing", second.selector: "new"}
    names.publish(second)
    assert keys.rotate(DOMAIN).pk == second.pk
    assert states() == {signing.selector: "retired", second.selector: "signing"}
    assert keys.find(DOMAIN, signing.selector).retired_at
    assert AuditEntry.objects.filter(action="dkim.sign").first().detail["before"] == signing.selector
    with pytest.raises(DirectoryError, match="already"):
        keys.sign(DOMAIN, second.selector)
    back = keys.sign(DOMAIN, signing.selector)  # the new one was a mistake
    assert (back.state, back.retired_at) == (KeyState.SIGNING, None)
    assert states()[second.selector] == "retired"


def test_what_may_still_be_needed_is_not_deleted(signing):
    with pytest.raises(DirectoryError, match="signs with"):
        keys.delete(DOMAIN, signing.selector)
    keys.retire(DOMAIN, signing.selector)
    with pytest.raises(DirectoryError, match="does not sign"):
        keys.retire(DOMAIN, signing.selector)
    with pytest.raises(DirectoryError, match="may be under way"):
        keys.delete(DOMAIN, signing.selector)
    long_ago(signing, retired_at=SAFE + timedelta(minutes=1))
    keys.delete(DOMAIN, signing.selector)
    assert not states()
    assert actions() == ["dkim.make", "dkim.sign", "dkim.retire", "dkim.delete"]


def test_who_knows_better_deletes_a_retired_key_at_once(signing):
    keys.retire(DOMAIN, signing.selector)
    keys.delete(DOMAIN, signing.selector, now=True)
    assert not states()


def test_keys_go_with_their_domain_and_an_alias_domain_has_its_own(new):
    domains.add("alias.example", alias_of=DOMAIN)
    assert {key.domain.name for key in keys.listing()} == {DOMAIN, "alias.example"}
    domains.remove("alias.example")
    assert {key.domain.name for key in keys.listing()} == {DOMAIN}


def test_a_key_of_another_name_is_said_to_be_none(new):
    with pytest.raises(DirectoryError, match="no DKIM key nothing"):
        keys.sign(DOMAIN, "nothing")


def test_the_first_domains_key_is_taken_over_once_and_signs(first_pem):
    first = install.FirstKey(first_pem)
    assert first.wanting() == "take over the key relevo of example.org"
    first.adopt()
    first.adopt()
    key = keys.listing().get()
    assert (key.selector, key.state, key.public) == ("relevo", KeyState.SIGNING, dkim_public_key(first_pem))
    assert first.wanting() is None
    keys.retire("example.org", "relevo")
    keys.delete("example.org", "relevo", now=True)
    assert first.wanting() is None  # what somebody has deleted does not come back with the next apply


def test_the_view_has_all_keys_and_the_private_half_only_of_what_signs(signing, lookup):
    second = keys.make(DOMAIN)
    assert lookup("lookup_dkim", "domain, selector, public, sealed") == {
        (DOMAIN, signing.selector, signing.public, signing.sealed), (DOMAIN, second.selector, second.public, ""),
    }


# --- what happens by itself ------------------------------------------------------------------------------------------
def test_a_new_key_signs_by_itself_when_dns_has_shown_it_for_a_while_and_not_before(new, names):
    assert steps.run() == []
    assert keys.find(DOMAIN, new.selector).seen_at is None
    names.publish(new)
    assert steps.run() == []
    assert keys.find(DOMAIN, new.selector).seen_at
    assert steps.run() == []
    assert states() == {new.selector: "new"}
    long_ago(new, seen_at=steps.SETTLED + timedelta(seconds=1))
    assert steps.run() == [f"{DOMAIN} signs with {new.selector} now: DNS shows it"]
    assert states() == {new.selector: "signing"}
    assert AuditEntry.objects.get(action="dkim.sign").actor == "relevo-dkim"
    assert steps.run() == []


@pytest.mark.parametrize("trouble", ["gone", "other", "differ"])
def test_what_dns_does_not_show_any_more_has_to_be_shown_anew(new, names, trouble):
    names.publish(new)
    steps.run()
    long_ago(new, seen_at=timedelta(hours=1))
    if trouble == "gone":
        names.records = {}
    elif trouble == "other":
        names.records[new.name, "TXT"] = ["v=DKIM1; k=rsa; p=OTHER"]
    else:
        names.differ = {new.name}
    assert steps.run() == []
    assert keys.find(DOMAIN, new.selector).seen_at is None
    assert states() == {new.selector: "new"}


def test_silence_neither_lets_a_key_sign_nor_forgets_that_it_was_shown(new, names):
    names.publish(new)
    steps.run()
    long_ago(new, seen_at=timedelta(hours=1))
    names.silent = {new.name}
    assert steps.run() == []
    assert keys.find(DOMAIN, new.selector).seen_at
    assert states() == {new.selector: "new"}


def test_a_retired_key_goes_when_its_time_is_over_and_dns_does_not_show_it_any_more(signing, names):
    keys.retire(DOMAIN, signing.selector)
    names.records = {}
    assert steps.run() == []
    assert not names.questions[1:]  # it was not even asked for
    long_ago(signing, retired_at=SAFE + timedelta(minutes=1))
    names.publish(signing)
    assert steps.run() == []
    names.records, names.silent = {}, {signing.name}
    assert steps.run() == []
    names.silent = set()
    assert "is deleted" in steps.run()[0]
    assert not states()


def test_one_domain_that_can_t_go_on_does_not_stop_the_others(new, names, monkeypatch):
    other = domains.add("third.example").dkim_keys.get()
    for key in (new, other):
        names.publish(key)
        long_ago(key, seen_at=timedelta(hours=1))
    real = keys.let_sign

    def stubborn(name, selector, **more):
        if name == DOMAIN:
            raise DirectoryError("somebody else was quicker")
        return real(name, selector, **more)

    monkeypatch.setattr(keys, "let_sign", stubborn)
    assert len(steps.run()) == 1
    assert states() == {new.selector: "new", other.selector: "signing"}


def test_nobody_to_ask_is_said(new, names):
    names.fails = FileNotFoundError(2, "No such file or directory")
    with pytest.raises(DnsError, match="relevo-lookup"):
        steps.run()


# --- what DNS must say ------------------------------------------------------------------------------------------------
def test_a_domains_records_are_judged_each_beside_what_is_there(new, names):
    domain, own = new.domain, [new]
    for record in publishing.records(domain, own):
        names.records.setdefault((record.name, record.type), []).append(record.data)
    assert publishing.look(domain, own).is_well
    names.records[DOMAIN, "MX"] = ["10 old.example.net."]
    del names.records[f"_dmarc.{DOMAIN}", "TXT"]
    names.silent = {new.name}
    seen = publishing.look(domain, own)
    found = {(one.record.name, one.record.type): one for one in seen.findings}
    assert found[DOMAIN, "MX"].verdict is Verdict.WRONG
    assert found[DOMAIN, "MX"].found == ("10 old.example.net.",)
    assert found[f"_dmarc.{DOMAIN}", "TXT"].verdict is Verdict.MISSING
    assert found[new.name, "TXT"].verdict is Verdict.UNKNOWN
    assert found[DOMAIN, "TXT"].verdict is Verdict.RIGHT
    assert not seen.is_well
    assert names.questions[-1]["inside"] == ""


def test_a_record_that_nobody_needs_any_more_is_not_wanted(signing):
    second = keys.make(DOMAIN)
    keys.sign(DOMAIN, second.selector, published=True)
    wanted = {record.name for record in publishing.records(signing.domain, keys.listing())}
    assert {signing.name, second.name} <= wanted
    long_ago(signing, retired_at=SAFE + timedelta(minutes=1))
    assert signing.name not in {record.name for record in publishing.records(signing.domain, keys.listing())}


def test_of_the_first_domain_the_world_is_asked_not_ourselves(first_pem, names):
    install.FirstKey(first_pem).adopt()
    key = keys.listing().get()
    publishing.look(key.domain, [key])
    assert names.questions[-1]["inside"] == "example.org"
    assert ["mail.example.org", "A"] in names.questions[-1]["ask"]
    assert ["1.2.0.192.in-addr.arpa", "PTR"] in names.questions[-1]["ask"]


def test_when_nobody_can_be_asked_everything_is_unknown_and_the_reason_is_told(new, names):
    names.fails = FileNotFoundError(2, "No such file or directory")
    seen = publishing.look(new.domain, [new])
    assert {one.verdict for one in seen.findings} == {Verdict.UNKNOWN}
    assert "No such file" in seen.trouble


def test_an_administrator_sees_the_keys_of_own_domains(new):
    domains.add("third.example")
    own = Administrator.objects.create(address="helper@else.example", role=Role.DOMAIN)
    own.domains.add(new.domain)
    assert {key.domain.name for key in scope.dkim_keys(own)} == {DOMAIN}
    everything = Administrator.objects.create(address="root@else.example", role=Role.GLOBAL)
    assert scope.dkim_keys(everything).count() == 2

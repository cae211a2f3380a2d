"""Tables of mailboxes, aliases and lists: all mistakes at once with their places, carried out, and gone on with."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from relevo.directory import administrators, aliases, domains, hooks, lists, mailboxes, passwords
from relevo.directory.bulk import carrying, waiting
from relevo.directory.bulk.carrying import carry_out
from relevo.directory.bulk.exporting import export
from relevo.directory.bulk.kinds import ALIASES, LISTS, MAILBOXES
from relevo.directory.bulk.planning import plan
from relevo.directory.bulk_models import WaitingImport
from relevo.directory.models import Alias, AuditEntry, DistributionList, Mailbox, MirroredAddress
from relevo.errors import DirectoryError

STRONG = "unrelated-words-9"
ARGON = "{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"
SHA512 = "{SHA512-CRYPT}$6$rounds=5000$salt$" + "a" * 86
BLOWFISH = "{BLF-CRYPT}$2y$05$" + "b" * 53

pytestmark = pytest.mark.usefixtures("platform")


@pytest.fixture(autouse=True)
def some(platform):
    domains.add("second.example")
    mailboxes.add("ana@example.org", STRONG, name="Ana", quota_mb=100)
    mailboxes.add("luis@second.example", STRONG)


def said(made) -> set[tuple[int, str, str]]:
    return {(mistake.line, mistake.column, mistake.message) for mistake in made.mistakes}


def places(made) -> list[tuple[int, str]]:
    return [(mistake.line, mistake.column) for mistake in made.mistakes]


TABLE = f"""address;name;quota_mb;enabled;forward;password
ana@example.org;Ana María;100;sí;luis@second.example;
new@example.org;"Néw; Person";;;x@elsewhere.example other@example.org;{STRONG}
other@example.org;;0;no;;{SHA512}
luis@second.example;;;;;ignored-words-8
"""


def test_a_plan_says_what_would_be_and_does_nothing():
    made = plan(MAILBOXES, TABLE, None)
    assert (made.mistakes, made.added, made.changed, made.left) == ([], 2, 1, 1)
    changed = next(step for step in made.steps if not step.new)
    assert changed.values == {"name": "Ana María", "forward": ["luis@second.example"]}
    assert not Mailbox.objects.filter(address="new@example.org").exists()


def test_it_is_carried_out_and_again_there_is_nothing_to_do():
    outcome = carry_out(plan(MAILBOXES, TABLE, None))
    assert (outcome.added, outcome.changed, outcome.refused) == (2, 1, [])
    new, other = (Mailbox.objects.get(address=f"{name}@example.org") for name in ("new", "other"))
    assert (new.name, new.quota_mb, new.enabled) == ("Néw; Person", 2048, True)
    assert passwords.matches(new.password, STRONG)
    assert {row.target for row in new.forwards.all()} == {"x@elsewhere.example", "other@example.org"}
    assert (other.quota_mb, other.enabled, other.password) == (0, False, SHA512)
    again = plan(MAILBOXES, TABLE, None)
    assert (again.steps, again.left, again.mistakes) == ([], 4, [])
    assert AuditEntry.objects.filter(action="mailbox.add", subject="new@example.org").count() == 1
    assert STRONG not in str(list(AuditEntry.objects.values_list("detail", flat=True)))


def test_all_mistakes_come_at_once_with_their_places():
    domains.add("mirror.example", alias_of="example.org")
    aliases.add("info@example.org", ["ana@example.org"])
    mailboxes.add("gone@example.org", STRONG)
    mailboxes.remove("gone@example.org")
    made = plan(MAILBOXES, "\n".join([
        "address,quota_mb,enabled,forward,password",
        f"a@nowhere.example,1,yes,,{STRONG}",
        f"b@example.org,lots,perhaps,not-an-address,{STRONG}",
        f"ñandú@example.org,,,,{STRONG}",
        f"c@mirror.example,,,,{STRONG}",
        f"info@example.org,,,,{STRONG}",
        f"gone@example.org,,,,{STRONG}",
        "d@example.org,,,nobody@example.org,short",
        "e@example.org,,,e@example.org,{MD5}abc",
        "f@example.org,,,,",
        f"g@example.org,,,,{STRONG}",
        f"G@Example.org,,,,{STRONG}",
        "h@example.org,1",
        f"abuse@example.org,,no,,{STRONG}",
    ]), None)
    assert places(made) == [
        (2, "address"), (3, "enabled"), (3, "forward"), (3, "quota_mb"), (4, "address"), (5, "address"),
        (6, "address"), (7, "address"), (8, "forward"), (8, "password"), (9, "forward"), (9, "password"),
        (10, "password"), (12, "address"), (13, ""), (14, "enabled"),
    ]
    assert made.steps == []
    assert "line 11" in next(text for line, _column, text in said(made) if line == 12)
    with pytest.raises(DirectoryError, match="nothing was done"):
        carry_out(made)


def test_no_mistake_repeats_a_password():
    made = plan(MAILBOXES, "address,password\na@example.org,{MD5}topsecret\nb@example.org,short1\n", None)
    assert len(made.mistakes) == 2
    assert not [text for _line, _column, text in said(made) if "topsecret" in text or "short1" in text]


@pytest.mark.parametrize("given", [ARGON, SHA512, BLOWFISH])
def test_hashes_of_other_systems_are_taken_as_they_are(given):
    carry_out(plan(MAILBOXES, f'address,password\nn@example.org,"{given}"\n', None))
    assert Mailbox.objects.get(address="n@example.org").password == given


@pytest.mark.parametrize("given", [
    "{PLAIN}" + STRONG, "{SHA512-CRYPT}$6$salt$short", "{BLF-CRYPT}$2y$31$" + "b" * 53, "{ARGON2ID}", "{}", "{",
    ARGON + "\u0661", SHA512 + "\n", "{argon2id}" + ARGON[10:],
])
def test_other_hashes_are_refused(given):
    made = plan(MAILBOXES, f'address,password\nn@example.org,"{given}"\n', None)
    assert places(made) == [(2, "password")]


def test_a_domains_administrator_works_in_their_domains_within_their_limits():
    who = administrators.add("helper@elsewhere.example", STRONG, domains=["second.example"])
    domains.change("second.example", mailbox_limit=2)
    made = plan(MAILBOXES, "\n".join([
        "address,name,password",
        "ana@example.org,Taken over,",
        f"n@example.org,,{STRONG}",
        f"n@nowhere.example,,{STRONG}",
        f"a@second.example,,{STRONG}",
        f"b@second.example,,{STRONG}",
        "luis@second.example,Luis,",
    ]), who)
    assert places(made) == [(2, "address"), (3, "address"), (4, "address"), (6, "address")]
    texts = {line: text for line, _column, text in said(made)}
    assert texts[3].replace("example.org", "?") == texts[4].replace("nowhere.example", "?")  # not which domains exist
    assert "can still get 1" in texts[6]
    assert "ana@example.org" not in export(MAILBOXES, who)


def test_who_forwards_to_whom_decides_the_order_and_circles_are_told():
    made = plan(ALIASES, "address,to\na@example.org,b@example.org\nb@example.org,c@example.org\n"
                         "c@example.org,ana@example.org\n", None)
    assert [step.address[0] for step in made.steps] == ["c", "b", "a"]
    assert carry_out(made).added == 3
    circle = plan(ALIASES, "address,to\nd@example.org,e@example.org\ne@example.org,d@example.org\n", None)
    assert len(circle.mistakes) == 1
    assert "in a circle" in circle.mistakes[0].message


def test_a_circle_through_what_stands_already_is_refused_and_the_rest_stands():
    aliases.add("x@example.org", ["ana@example.org"])
    outcome = carry_out(plan(MAILBOXES, f"address,forward,password\nana@example.org,x@example.org,\n"
                                        f"n@example.org,,{STRONG}\n", None))
    assert (outcome.added, [mistake.line for mistake in outcome.refused]) == (1, [2])
    assert Mailbox.objects.get(address="ana@example.org").forwards.count() == 0


def test_an_empty_cell_empties_text_and_leaves_the_rest_and_a_missing_column_leaves_all():
    mailboxes.change("ana@example.org", forward=["x@elsewhere.example"], enabled=False)
    carry_out(plan(MAILBOXES, "address,quota_mb,enabled\nana@example.org,,\n", None))
    box = Mailbox.objects.get(address="ana@example.org")
    assert (box.name, box.quota_mb, box.enabled, box.forwards.count()) == ("Ana", 100, False, 1)
    carry_out(plan(MAILBOXES, "address,name,forward\nana@example.org,,\n", None))
    box.refresh_from_db()
    assert (box.name, box.forwards.count()) == ("", 0)


def test_lists_and_who_may_post():
    made = plan(LISTS, "address,members,policy,senders\nall@example.org,ana@example.org x@y.example,anyone,\n"
                       "some@example.org,ana@example.org,named,\nothers@example.org,,perhaps,\n", None)
    assert places(made) == [(3, "policy"), (4, "policy")]
    made = plan(LISTS, "address,members,policy,senders\nall@example.org,ana@example.org x@y.example,anyone,\n"
                       "some@example.org,ana@example.org,named,luis@second.example\n", None)
    assert carry_out(made).added == 2
    assert DistributionList.objects.get(address="some@example.org").senders.count() == 1
    refused = plan(ALIASES, "address,to\nnews@example.org,some@example.org\n", None)
    assert "only some may post" in refused.mistakes[0].message


@pytest.mark.parametrize("kind", [MAILBOXES, ALIASES, LISTS])
def test_what_is_exported_is_what_there_is(kind):
    mailboxes.change("ana@example.org", name='=cmd|"/c calc"!A1', forward=["+x@elsewhere.example", "b@y.example"])
    aliases.add("info@example.org", ["ana@example.org"], enabled=False)
    lists.add("all@example.org", ["ana@example.org"], name="'quoted'; \"all\"", policy="members")
    for delimiter in ",;":
        table = export(kind, None, delimiter=delimiter)
        made = plan(kind, table, None)
        assert (made.steps, made.mistakes) == ([], [])
        assert made.left == len(table.splitlines()) - 1 > 0
    assert "password" not in table
    assert ";=" not in table
    assert ";+" not in table


def test_automatic_aliases_are_not_exported():
    assert Alias.objects.filter(automatic=True).exists()
    assert export(ALIASES, None).splitlines() == ["address,to,enabled"]


def test_rows_are_done_some_at_a_time_and_what_breaks_in_the_middle_is_gone_on_with(monkeypatch):
    monkeypatch.setattr(carrying, "BATCH", 3)
    table = "address,password\n" + "".join(f"p{number}@example.org,{STRONG}\n" for number in range(10))
    calls = []
    real = mailboxes.add_all

    def some(wanted):
        calls.append(wanted)
        real(wanted)
        if len(calls) == 3:
            from django.db import OperationalError  # noqa: PLC0415 - Django is started by the fixtures

            raise OperationalError(2013, "Lost connection")

    monkeypatch.setattr(mailboxes, "add_all", some)
    seen: list[int] = []
    with pytest.raises(Exception, match=r"Lost connection"):
        carry_out(plan(MAILBOXES, table, None), tell=lambda outcome: seen.append(outcome.done))
    assert seen == [3, 6]
    assert Mailbox.objects.filter(address__startswith="p", hidden=False).exclude(name="Postmaster").count() == 6
    monkeypatch.setattr(mailboxes, "add_all", real)
    rest = plan(MAILBOXES, table, None)
    assert (rest.added, rest.left) == (4, 6)
    assert carry_out(rest).added == 4


def test_new_mailboxes_are_added_together_with_all_that_belongs_to_each():
    domains.add("mirror.example", alias_of="example.org")
    domains.change("example.org", default_quota_mb=77)
    rows = [f"p{number:02}@example.org,{SHA512},P {number},{'' if number % 2 else 5}" for number in range(40)]
    made = plan(MAILBOXES, "\n".join(["address,password,name,quota_mb", *rows]), None)
    with CaptureQueriesContext(connection) as asked:
        assert carry_out(made).added == 40
    assert len(asked) < 20, "a question each is too much for tables of thousands"
    box = Mailbox.objects.get(address="p07@example.org")
    assert (box.password, box.name, box.quota_mb, box.local_part, box.enabled) == (SHA512, "P 7", 77, "p07", True)
    assert Mailbox.objects.get(address="p08@example.org").quota_mb == 5
    assert MirroredAddress.objects.filter(domain__name="mirror.example", target="p07@example.org").exists()
    note = AuditEntry.objects.get(action="mailbox.add", subject="p07@example.org")
    assert (note.domain, note.detail) == ("example.org", {"quota_mb": 77, "enabled": True})


def test_one_that_is_refused_after_all_leaves_the_others_beside_it():
    """Somebody else has taken an address, or the last room, since the table was compared."""
    rows = [f"p{number}@example.org,{SHA512}" for number in range(5)]
    made = plan(MAILBOXES, "\n".join(["address,password", *rows]), None)
    lists.add("p2@example.org", members=["ana@example.org"])
    have = Mailbox.objects.filter(domain__name="example.org", hidden=False).count()
    domains.change("example.org", mailbox_limit=have + 3)
    outcome = carry_out(made)
    assert outcome.added == 3
    assert [mistake.line for mistake in outcome.refused] == [4, 6]
    assert "there is a list p2@example.org already" in outcome.refused[0].message
    assert f"{have + 3} of {have + 3} mailboxes" in outcome.refused[1].message


def test_no_time_left_is_a_batch_and_no_more(monkeypatch):
    monkeypatch.setattr(carrying, "BATCH", 3)
    table = "address,password\n" + "".join(f"p{number}@example.org,{SHA512}\n" for number in range(10))
    assert carry_out(plan(MAILBOXES, table, None), within=0).done == 3


def test_dovecot_is_told_of_those_alone_who_must_be_out(monkeypatch, django_commits):
    told = []
    monkeypatch.setattr(hooks, "flush", lambda address, lost=False: told.append((address, lost)))
    table = f"address,enabled,password\nn@example.org,yes,{STRONG}\nana@example.org,no,\n"
    carry_out(plan(MAILBOXES, table, None))
    assert told == [("ana@example.org", True)]


@pytest.fixture
def django_commits(monkeypatch):
    from django.db import transaction  # noqa: PLC0415 - Django is started by the fixtures

    monkeypatch.setattr(transaction, "on_commit", lambda work: work())


def test_an_uploaded_table_waits_sealed_for_its_owner():
    who = administrators.add("a@elsewhere.example", STRONG, role="global")
    other = administrators.add("b@elsewhere.example", STRONG, role="global")
    waiting.keep(who, MAILBOXES, "first")
    waiting.keep(who, MAILBOXES, TABLE)
    assert waiting.kept(who, MAILBOXES) == TABLE
    assert waiting.kept(other, MAILBOXES) is waiting.kept(who, ALIASES) is None
    assert WaitingImport.objects.count() == 1
    assert STRONG not in WaitingImport.objects.get().sealed
    WaitingImport.objects.update(at=WaitingImport.objects.get().at - waiting.LASTS)
    assert waiting.kept(who, MAILBOXES) is None
    waiting.keep(other, LISTS, "x")
    assert WaitingImport.objects.count() == 1  # what nobody came back for is gone

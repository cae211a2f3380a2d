"""What if a machine died now: the agents' answers in, a sentence for each machine out."""

from __future__ import annotations

import pytest

from relevo.cluster.model import Cluster
from relevo.operate.answers import gather
from relevo.operate.prospects import Prospect, prospects
from tests.unit.operate.test_status import MACHINES, probe, said, view


def ask(cluster: Cluster, **views: object) -> dict[str, Prospect]:
    known = {name: view(name) for name in MACHINES} | views
    return {found.node: found for found in prospects(cluster, gather(cluster, said(known)))}


def test_any_one_machine_may_die(cluster):
    found = ask(cluster)
    assert list(found) == ["mail01", "mail02", "storage01"]
    assert all(one.safe for one in found.values())
    assert found["mail02"].text == "if mail02 died now, mail would go on; no second machine may fail until it is back"


def test_the_active_one_comes_first(cluster):
    found = ask(cluster, mail01=view("mail01", holder=False), mail02=view("mail02", holder=True))
    assert list(found) == ["mail02", "mail01", "storage01"]
    assert found["mail02"].text == "if mail02 died now, mail01 would take over"


@pytest.mark.parametrize(
    ("node", "third", "gone"),
    [
        ("mail02", "storage01", None),
        ("mail02", "storage01", view("storage01", probe("garbd/vote", good=False))),
        ("storage01", "mail02", None),
        ("storage01", "mail02", view("mail02", probe("mariadb/database", good=False))),
    ],
)
def test_with_one_away_the_death_of_another_stops_mail(cluster, node: str, third: str, gone: object):
    found = ask(cluster, **{third: gone})[node]
    assert not found.safe
    assert found.text == (
        f"if {node} died now, mail would stop: mail01 alone is no majority, for {third} does not vote"
    )


def mount(text: str, *, good: bool = True) -> dict[str, object]:
    return probe("glusterfs/mount", good=good, vital=False, text=text)


CUT = {"open": False, "cut": ["mail02"], "adopts": "", "why": ""}
LOST = "the mount has no connection to the copy on {address}, which answers"


@pytest.mark.parametrize(
    ("node", "views", "why"),
    [
        ("storage01", {"storage01": view("storage01", guard=CUT)}, "mail02 is cut off from the storage"),
        ("storage01", {"mail01": view("mail01", mount(LOST.format(address="192.168.100.12"), good=False))},
         "mail01 has no connection to the copy of the mail on mail02"),
        ("mail02", {"mail01": view("mail01", mount(LOST.format(address="192.168.100.10"), good=False))},
         "mail01 has no connection to the copy of the mail on storage01"),
        ("storage01", {"mail01": view("mail01", mount("2 copies")),
                       "mail02": view("mail02", probe("glusterfs/glusterd", good=False, vital=False))},
         "mail01 has no connection to the copy of the mail on mail02"),
    ],
)
def test_a_machine_that_answers_need_not_count(cluster, node: str, views: dict[str, object], why: str):
    found = ask(cluster, **views)[node]
    assert not found.safe
    assert found.text == f"if {node} died now, mail would stop: mail01 alone is no majority, for {why}"


@pytest.mark.parametrize(
    "views",
    [
        {"mail01": view("mail01", mount(LOST.format(address="192.168.100.1"), good=False))},  # no machine of ours
        {"mail02": view("mail02", probe("glusterfs/glusterd", good=False, vital=False))},  # files pass without it
        {"mail01": view("mail01", mount("2 copies"))},
    ],
)
def test_what_is_no_evidence_stops_nothing(cluster, views: dict[str, object]):
    assert ask(cluster, **views)["storage01"].safe


def test_who_takes_over_needs_a_copy_besides_its_own(cluster):
    found = ask(cluster, mail02=view("mail02", mount(LOST.format(address="192.168.100.10"), good=False)))["mail01"]
    assert not found.safe
    assert found.text == (
        "if mail01 died now, nobody could take over: mail02 has no connection to the copy of the mail on storage01, "
        "and mail02 alone is no majority"
    )


def test_who_says_nothing_may_be_dead_already(cluster):
    found = ask(cluster, mail02=None)["mail02"]
    assert found.safe
    assert found.text == "mail02 says nothing; mail goes on without it, and no second machine may fail until it is back"


@pytest.mark.parametrize(
    ("change", "safe", "told"),
    [
        ({"storage": {"kind": "nfs"}}, False, "mail would wait until it is back: it alone has the mail"),
        ({"storage": {"kind": "external"}}, True, "mail would go on, DHCP would not; no second"),
        ({"dhcp": {"server": "none"}}, True, "mail would go on; no second machine"),
    ],
)
def test_what_else_the_storage_machine_does(cluster, change: dict[str, object], safe: bool, told: str):
    other = Cluster.model_validate(cluster.model_dump(mode="json") | change)
    found = ask(other)["storage01"]
    assert found.safe is safe
    assert found.text.startswith(f"if storage01 died now, {told}")


def copies(node: str, count: int) -> dict[str, object]:
    text = f"{count} files are not copied from here to another machine yet" if count else ""
    return view(node, probe("postfix/smtp"), probe("glusterfs/copies", good=not count, vital=False, text=text))


@pytest.mark.parametrize(
    ("counts", "alone"),
    [
        ((0, 0, 0), []),
        ((7, 0, 7), ["mail01"]),  # mail02 lacks them; the storage machine has names without contents
        ((0, 7, 7), ["mail02"]),
        ((7, 7, 0), []),  # the arbiter lacks them: each mail node has the contents
        ((7, 7, 1), ["mail01", "mail02"]),  # not to be told apart
    ],
)
def test_what_only_one_machine_has_could_not_be_read(cluster, counts: tuple[int, ...], alone: list[str]):
    found = ask(cluster, **{name: copies(name, count) for name, count in zip(MACHINES, counts, strict=True)})
    assert [name for name, one in found.items() if "could not be read till then" in one.text] == alone
    for name in alone:
        assert found[name].text.endswith("(7 files are not copied from here to another machine yet)")


def test_with_nobody_active_there_is_nothing_to_foresee(cluster):
    found = ask(cluster, mail01=view("mail01", holder=False))
    assert {one.text for one in found.values()} == {"no machine is active"}
    assert not any(one.safe for one in found.values())
    assert ask(cluster, mail01=None)["mail02"].text == "no machine that answers is active"

"""What if a machine died now: the agents' answers in, a sentence for each machine out."""

from __future__ import annotations

import pytest

from relevo.cluster.model import Cluster
from relevo.operate.answers import gather
from relevo.operate.prospects import Prospect, prospects
from tests.unit.operate.test_status import MACHINES, probe, view


def ask(cluster: Cluster, **views: object) -> dict[str, Prospect]:
    known = {name: view(name) for name in MACHINES} | views
    wholes = {name: {"own": own, "peers": {}} for name, own in known.items() if own is not None}
    return {found.node: found for found in prospects(cluster, gather(cluster, wholes, {}))}


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


def test_what_only_one_machine_has_could_not_be_read(cluster):
    behind = probe("glusterfs/copies", good=False, vital=False, text="7 files are not copied from here")
    found = ask(cluster, mail01=view("mail01", probe("postfix/smtp"), behind))
    assert found["mail01"].text.endswith("could not be read till then (7 files are not copied from here)")
    assert "read" not in found["mail02"].text


def test_with_nobody_active_there_is_nothing_to_foresee(cluster):
    found = ask(cluster, mail01=view("mail01", holder=False))
    assert {one.text for one in found.values()} == {"no machine is active"}
    assert not any(one.safe for one in found.values())

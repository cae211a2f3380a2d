"""What an administrator of some domains sees: never another recipient, wherever its address stands."""

from __future__ import annotations

import json
import re

import pytest

from tests.unit.trace.nodes import DOMAIN, RELEASES, Nodes, cases, lines

OTHER = "second.example"


def mixed(release: str) -> list:
    """Return lines in which mia's mailbox is in another domain than the others'."""
    return [line._replace(text=line.text.replace(f"mia@{DOMAIN}", f"mia@{OTHER}")) for line in lines(release)]


@pytest.fixture(params=RELEASES)
def nodes(request, tmp_path) -> Nodes:
    made = Nodes(tmp_path)
    made.write("mail01", mixed(request.param), 31)
    return made


def test_of_a_strangers_message_only_ones_own_recipients(nodes):
    shown = nodes.traces(domains=[OTHER], whole=True, limit=200)
    assert shown
    for trace in shown:
        assert [one["address"] for one in trace["recipients"]] == [f"mia@{OTHER}"]
        text = re.sub(r"[\w.]+@" + re.escape(OTHER), "", json.dumps(trace))
        strangers = set(re.findall(r"[\w.+]+@[\w.]+", text))
        # who has sent it, and by what name; and our own host in the name of the filter
        assert {one for one in strangers if not one.startswith("m")} <= {f"ana@{DOMAIN}"}, strangers
    crowd = next(one for one in shown if one["message_id"].startswith("m2."))
    assert (crowd["elsewhere"], crowd["results"]) == (1, ["delivered"])
    assert [step["told"].get("recipient", step["told"].get("user")) for step in crowd["steps"] if step["kind"] in {
        "delivered", "stored",
    }] == [f"mia@{OTHER}"] * 2


def test_of_ones_own_senders_everything(nodes):
    shown = nodes.traces(domains=[DOMAIN], whole=True, limit=200)
    sent = next(one for one in shown if one["message_id"].startswith("m22."))
    assert {one["address"] for one in sent["recipients"]} == {"x@remote.example", f"mia@{OTHER}"}
    assert sent["elsewhere"] == 0


def test_whoever_was_refused_has_only_claimed_to_be_the_sender(nodes):
    everything = nodes.traces(limit=500, whole=True)
    forged = next(one for one in everything if "Log in to send" in json.dumps(one))
    assert forged["sender"] == f"ana@{DOMAIN}"
    (seen,) = nodes.traces(domains=[DOMAIN], words=[["key", forged["id"]]], whole=True)
    assert (seen["recipients"], seen["elsewhere"]) == ([], 1)
    assert OTHER not in json.dumps(seen)


def test_others_messages_are_not_there(nodes):
    everything = nodes.traces(limit=500)
    own = {one["id"] for one in nodes.traces(domains=[OTHER], limit=500)}
    for one in everything:
        parties = [one["sender"] or "", *(recipient["address"] for recipient in one["recipients"])]
        concerned = any(party.endswith(f"@{OTHER}") for party in parties)
        assert (one["id"] in own) is concerned
        assert bool(nodes.traces(domains=[OTHER], words=[["key", one["id"]]])) is concerned
    assert not nodes.traces(domains=[])
    assert not nodes.traces(domains=["nowhere.example.org"])


def test_where_a_recipients_rule_forwards_it_is_theirs_to_know(tmp_path):
    made = Nodes(tmp_path)
    made.write("mail01", cases("debian-13")["forwarded by sieve"])
    (seen,) = made.traces(domains=[DOMAIN], whole=True)
    assert {one["address"] for one in seen["recipients"]} == {f"luis@{DOMAIN}", "luis@remote.example"}

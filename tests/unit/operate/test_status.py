"""The report that `relevo status` shows, from what the agents answered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from relevo.agent.verdict import FAULT
from relevo.operate.answers import Said, gather
from relevo.operate.status import Report, judge

MACHINES = ("mail01", "mail02", "storage01")


def probe(name: str, *, good: bool | None = True, vital: bool = True, text: str = "fine") -> dict[str, Any]:
    return {
        "name": name, "service": name.partition("/")[0], "vital": vital, "good": good, "since": 7200.0, "age": 0.2,
        "succeeded": 0.2, "took": 0.01, "text": text,
    }


def view(node: str, *probes: dict[str, Any], **more: Any) -> dict[str, Any]:
    mail = node.startswith("mail")
    bad = [p for p in probes if p["vital"] and p["good"] is False]
    return {
        "node": node, "time": 0.0, "started": 9000.0, "holder": node == "mail01",
        "holder_since": 7200.0 if node == "mail01" else None, "weight": 205 if node == "mail01" else 180,
        "why": ["well"], "seen": True, "keepalived": "active" if mail else "",
        "guard": {"open": node == "mail01", "cut": [], "adopts": "", "why": ""},
        "probes": list(probes or [probe("postfix/smtp")]),
        "faults": [{"probe": p["name"], "service": p["service"], "why": p["text"], "local": True} for p in bad], **more,
    }


def said(views: dict[str, dict[str, Any] | None], why: dict[str, str] | None = None) -> dict[str, Said]:
    """Return what each machine said itself; None as a view means silence."""
    wholes = {name: {} if own is None else {"own": own, "peers": {}} for name, own in views.items()}
    return {name: Said(whole, (why or {}).get(name, "")) for name, whole in wholes.items()}


def report(cluster, views: dict[str, dict[str, Any]] | None = None, why: dict[str, str] | None = None) -> Report:
    """Judge three machines that are well, but for the views given; None as a view means silence."""
    views = {name: view(name) for name in MACHINES} | (views or {})
    return judge(cluster, gather(cluster, said(views, why)))


def test_all_well(cluster):
    found = report(cluster)
    assert found.fine
    assert [machine.name for machine in found.holders] == ["mail01"]
    assert found.prospects[0].text == "if mail01 died now, mail02 would take over"
    assert found.warnings == ()


def test_nobody_or_both_with_the_virtual_ip(cluster):
    nobody = report(cluster, {"mail01": view("mail01", holder=False)})
    assert "no machine holds the virtual IP 192.168.100.100" in nobody.problems
    silent = report(cluster, {"mail01": None}).problems
    assert silent == ("no machine that answers holds the virtual IP 192.168.100.100",
                      "mail01: no other machine hears its agent")
    both = report(cluster, {"mail02": view("mail02", holder=True)})
    assert any("two machines" in problem and "mail01, mail02" in problem for problem in both.problems)


def test_who_is_cut_off_and_what_waits_for_it(cluster):
    waits = {"open": False, "cut": [], "adopts": "", "why": "mail02 is being cut off from the storage"}
    cuts = {"open": False, "cut": ["mail02"], "adopts": "", "why": ""}
    found = report(cluster, {"mail01": view("mail01", guard=waits), "storage01": view("storage01", guard=cuts)})
    assert found.problems == (
        "mail01 takes mail, but nobody can read or get it yet: mail02 is being cut off from the storage",
        "mail02 is cut off from the storage by storage01",
    )
    adopts = {"open": True, "cut": [], "adopts": "mail02", "why": ""}
    assert report(cluster, {"mail01": view("mail01", guard=adopts)}).warnings == (
        "mail01 delivers the queue of mail02 until that one is back",
    )


def test_who_stays_behind_by_hand_or_for_a_while(cluster):
    held = ["held down after repeated failovers"]
    found = report(cluster, {"mail02": view("mail02", why=held, weight=155)})
    assert found.fine
    assert found.warnings == ("mail02: held down after repeated failovers",)
    assert report(cluster, {"mail02": view("mail02", why=["drained by hand"], drained=True)}).warnings == (
        "mail02 is drained: `relevo undrain mail02` puts it back into service",
    )
    ill = view("mail02", probe("postfix/smtp", good=False), why=["postfix/smtp: refused"])
    assert report(cluster, {"mail02": ill}).warnings == ()


def test_since_when_and_why_is_what_the_machines_noted(cluster):
    took, lost = {"at": -9000.0, "event": "took", "why": "well"}, {"at": -9000.1, "event": "lost", "why": "well"}
    mail02 = {"age": 0.1, "view_age": 1.5, "view": view("mail02", moves=[lost])}
    own = view("mail01", up=90_000.0, history=[took])
    found = judge(cluster, gather(cluster, {"mail01": Said({"own": own, "peers": {"mail02": mail02}})}))
    assert found.cause == "since mail02 had lost it"
    assert found.holders[0].holder_seconds == 9000.0


def test_a_vital_fault_is_a_problem_and_another_one_a_warning(cluster):
    found = report(
        cluster,
        {"mail02": view("mail02", probe("dovecot/imap", good=False, text="no answer in time"),
                        probe("clamav/signatures", good=False, vital=False, text="9 days old"))},
    )
    assert found.problems == ("mail02: dovecot/imap: no answer in time",)
    assert found.warnings == ("mail02: clamav/signatures: 9 days old",)
    assert found.prospects[0].text == "if mail01 died now, mail02 would take over, but without dovecot"


@pytest.mark.parametrize(
    ("views", "why"),
    [
        ({"mail02": None}, "mail02: no other machine hears its agent"),
        ({"mail02": view("mail02", keepalived="failed")}, "keepalived on mail02 is failed"),
        ({"mail02": view("mail02", weight=FAULT, why=["storage: not mounted"])}, "mail02: storage: not mounted"),
        ({"storage01": None}, "storage01 does not vote, and mail02 alone is no majority"),
        ({"storage01": view("storage01", probe("garbd/vote", good=False, vital=False))}, "storage01 does not vote"),
    ],
)
def test_when_nobody_could_take_over_it_says_why_and_is_not_fine(cluster, views, why: str):
    found = report(cluster, views)
    assert found.prospects[0].text.startswith("if mail01 died now, nobody could take over")
    assert why in found.prospects[0].text
    assert not found.fine


def test_a_machine_that_ssh_does_not_reach_is_known_from_its_peers(cluster):
    mail01 = {"own": view("mail01"), "peers": {"mail02": {"age": 0.1, "view": view("mail02")}}}
    storage = {"own": view("storage01"), "peers": {"mail02": {"age": 90.0, "view": view("mail02", weight=1)}}}
    answers = gather(cluster, {
        "mail01": Said(mail01), "storage01": Said(storage), "mail02": Said({}, "mail02: it does not answer"),
    })
    assert answers["mail02"].second_hand
    found = judge(cluster, answers)
    assert found.problems == ("mail02: it does not answer",)
    assert found.prospects[0].text == "if mail01 died now, mail02 would take over"


def test_what_a_peer_said_long_ago_is_not_believed(cluster):
    mail01 = {"own": view("mail01"), "peers": {"mail02": {"age": 30.0, "view": view("mail02")}}}
    assert gather(cluster, {"mail01": Said(mail01)})["mail02"].view is None


def test_json_holds_the_same(cluster):
    told = json.loads(json.dumps(report(cluster).to_json()))
    assert told["fine"]
    assert told["holders"] == ["mail01"]
    assert [machine["name"] for machine in told["machines"]] == list(MACHINES)


def test_ages_count_from_now(cluster):
    other = {"age": 0.1, "view_age": 1.5, "view": view("mail02", probe("postfix/smtp", good=None))}
    other["view"]["probes"][0].update(since=None, age=None)
    own = Said({"own": view("mail01"), "peers": {"mail02": other}}, age=2.0)
    found = judge(cluster, gather(cluster, {"mail01": own}))
    mail01, mail02, storage01 = found.to_json()["machines"]
    assert (mail01["second_hand"], mail01["age"], mail01["holder_seconds"]) == (False, 2.0, 7202.0)
    assert mail01["checks"] == ({
        "name": "postfix/smtp", "service": "postfix", "vital": True, "good": True, "text": "fine",
        "seconds": 7202.0, "age": 2.2, "succeeded": 2.2, "took": 0.01,
    },)
    assert (mail02["second_hand"], mail02["age"]) == (True, 3.5)
    assert [mail02["checks"][0][key] for key in ("seconds", "age", "succeeded")] == [None, None, 3.7]
    assert storage01["problem"] == "storage01: no other machine hears its agent"

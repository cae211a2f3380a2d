"""What this node believes of the others: the mail node's word above all, while it is fresh and makes sense."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

from relevo.agent.links import Heard
from relevo.agent.peers import Peers
from relevo.agent.settings import Peer

OTHER, STORAGE = "mail02", "storage01"
VIEW: dict[str, Any] = {
    "node": OTHER, "weight": 180, "holder": True, "keepalived": "active", "seen": True, "holder_since": 5.0,
    "faults": [{"probe": "postfix/smtp"}], "handover": {"gives": True, "receives": False},
    "probes": [
        {"name": "nginx/https", "good": True, "succeeded": 0.2},
        {"name": "postfix/smtp", "good": False, "succeeded": 9.0},
    ],
    "guard": {"open": True, "claim": "c", "concedes": "", "cut": [], "asks": "", "clean": False}, "relayed": {},
}


def peers(heard: dict[str, Heard]) -> Peers:
    """Return what is known by these words; the kernels of all machines answer."""
    links: Any = SimpleNamespace(heard=heard, answers=lambda _node: True)
    known = (Peer(STORAGE, "192.168.100.10", is_mail=False), Peer(OTHER, "192.168.100.12", is_mail=True))
    return Peers(known, links)


def heard(view: dict[str, Any] = VIEW, *, age: float = 0.0) -> dict[str, Heard]:
    at = time.monotonic() - age
    return {STORAGE: Heard({**VIEW, "holder": False}, at, at), OTHER: Heard(view, at, at)}


def test_the_other_is_the_other_mail_node():
    found, now = peers(heard()), time.monotonic()
    assert found.other_word().holder
    assert found.bad_there(now) == {"postfix/smtp"}
    assert found.other_is_open()
    assert (found.other_does("gives"), found.other_does("receives")) == (True, False)
    assert [found.is_well_there(name) for name in ("nginx/https", "postfix/smtp", "of/nobody")] == [True, False, False]
    assert found.words().keys() == {OTHER, STORAGE}
    assert found.words()[OTHER].lives


def test_an_old_word_does_not_tell_what_is_now():
    found, now = peers(heard(age=30)), time.monotonic()
    assert found.bad_there(now) == frozenset()
    assert not found.other_does("gives")
    ages = found.with_ages(now)
    assert (30 <= ages[OTHER]["age"] < 31, ages[OTHER]["view"]) == (True, VIEW)


def test_who_was_never_heard_or_speaks_another_version_says_nothing():
    for found in (peers({}), peers(heard({"node": OTHER}))):
        assert found.other_word() is None
        assert found.bad_there(time.monotonic()) == frozenset()
        assert not found.other_is_open()
        assert not found.other_does("gives")
        assert not found.is_well_there("nginx/https")
        assert OTHER not in found.words()
    assert peers({}).with_ages(0.0)[OTHER] == {"age": None, "view_age": None, "view": None}

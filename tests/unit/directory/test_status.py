"""The platform at one moment, from what the agent and who counts mail say; and what is told when they don't."""

from __future__ import annotations

import json
import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from relevo import i18n
from relevo.agent.verdict import FAULT
from relevo.directory.at_once import at_once
from relevo.directory.status import asking
from relevo.directory.status.asking import Counted, Seen, ask_all
from relevo.directory.status.mailflow import mail_flow
from relevo.directory.status.picture import Picture, drawn
from relevo.directory.status.telling import described
from relevo.errors import RelevoError
from relevo.queue.flow import HOURS, KINDS
from tests.unit.directory.whole_view import flows, probe, view, whole

NOW = datetime.now(UTC)


def picture(told=None, *, age: float = 0.2, why: str = "", counted: Counted | None = None) -> Picture:
    seen = Seen(whole() if told is None else told, age, why)
    return drawn(settings.RELEVO_CLUSTER, seen, counted or Counted(flows(NOW.timestamp())), NOW)


def test_all_is_well_in_one_sentence():
    found = picture()
    assert found.summary.state == "well"
    assert found.summary.text == "All is well. mail01 serves; mail02 is ready to take over; storage01 votes."
    assert found.summary.advice == ""
    assert found.heard == {"mail01": 0.2, "mail02": 0.3, "storage01": 0.3}


GUARD = {"open": True, "cut": [], "adopts": "", "why": ""}


@pytest.mark.parametrize(("told", "state", "text", "advice"), [
    (whole({"storage01": 90.0}), "wrong", "Mail works, but storage01 says nothing: no second machine may fail",
     "`relevo replace storage01`"),
    (whole({"mail02": None}), "wrong", "Mail works, but mail02 says nothing", "systemctl status relevo-agent"),
    (whole(mail01=view("mail01", ill="dovecot/imap")), "wrong",
     "mail01 serves, but dovecot/imap fails there: no answer in time.", "relevo status --all"),
    (whole(mail02=view("mail02", ill="dovecot/imap")), "wrong",
     "Mail works, but mail02: dovecot/imap: no answer in time.", "journalctl"),
    (whole(mail02=view("mail02", weight=FAULT, why=["storage: not mounted"])), "wrong",
     "Mail works, but if mail01 died now, nobody could take over: mail02: storage: not mounted.",
     "relevo undrain mail02"),
    (whole(mail01=view("mail01", guard={**GUARD, "open": False})), "wrong", "nobody can read or get it yet",
     "after-a-failover.md"),
    (whole(storage01=view("storage01", guard={**GUARD, "cut": ["mail02"]})), "wrong",
     "Mail works, but mail02 is cut off from the mail store.", "after-a-failover.md"),
    (whole(mail01=view("mail01", holder=False)), "wrong", "Mail stands still: no machine has the virtual IP.",
     "relevo history"),
    (whole({"mail02": 60.0}, mail01=view("mail01", holder=False)), "wrong",
     "Nobody that answers has the virtual IP, and mail02 says nothing.", "relevo history"),
    (whole(mail02=view("mail02", holder=True)), "wrong", "Two machines have the virtual IP: mail01, mail02.",
     "look at the network between them"),
    (whole(mail02=view("mail02", drained=True, why=["drained by hand"], weight=5)), "attention",
     "Mail works. To see to: mail02 is drained: `relevo undrain mail02` puts it back into service.", ""),
])
def test_what_is_wrong_and_what_to_do(told, state, text, advice):
    summary = picture(told).summary
    assert summary.state == state
    assert text in summary.text
    assert advice in summary.advice


def test_the_worst_comes_first():
    told = whole({"storage01": 90.0}, mail01=view("mail01", ill="dovecot/imap"))
    assert "mail01 serves, but dovecot/imap fails" in picture(told).summary.text


def test_a_silent_machine_is_never_shown_as_healthy_and_says_when_it_was_heard():
    told = described(picture(whole({"storage01": 90.0})))
    (storage,) = [one for one in told["machines"] if one["name"] == "storage01"]
    assert (storage["role"], storage["heard"], storage["checks"], storage["disks"]) == ("silent", 90.2, [], [])
    assert told["certificate_days"] is not None
    assert [one["node"] for one in told["files_behind"]] == ["mail01", "mail02"]


def test_what_the_agent_said_too_long_ago_is_not_believed():
    found = picture(age=6.0, why="the agent of this node does not answer")
    assert found.summary.text == "Nothing is known: no agent answers here."
    assert "relevo-agent relevo-view" in found.summary.advice
    assert found.heard == {"mail01": 6.0, "mail02": 6.1, "storage01": 6.1}
    assert {one["role"] for one in described(found)["machines"]} == {"silent"}


def test_a_moment_without_an_answer_is_no_alarm():
    assert picture(age=3.0, why="the agent of this node does not answer").summary.state == "well"


def test_without_anything_it_is_still_a_picture():
    found = drawn(settings.RELEVO_CLUSTER, Seen(why="nobody is there"), Counted(why="nobody counts"), NOW)
    told = described(found)
    assert told["state"] == "wrong"
    assert told["mail_flow"] == {"trouble": "nobody counts", "nodes": [], "hours": []}
    assert told["queues"] == []
    assert "nobody is there" in told["problems"]
    json.dumps(told)


def test_figures_with_their_age():
    found = picture()
    assert [(one.of, one.node, one.value) for one in found.of("queue_messages")] == [
        ("mail01", "mail01", 3.0), ("mail02", "mail02", 0.0),
    ]
    assert [round(one.age, 1) for one in found.of("queue_messages")] == [0.6, 0.9]  # 0.4 s when told, and since then
    assert found.certificate
    assert found.certificate.value == 812.3
    assert [check.text for _node, check in found.backups] == ["7 h old"]
    disks = described(found)["machines"][0]["disks"]
    assert {"path": "/var", "free": 0.62, "inodes_free": 0.91, "age": 0.6} in disks


def test_figures_of_another_kind_break_nothing():
    strange = view("mail02")
    strange["probes"].append({**probe("mail02", "new/thing"), "figures": {"new_figure": {"": 1.0}}, "age": None})
    del strange["took"]
    assert picture(whole(mail02=strange)).summary.state == "well"


def test_what_happened_the_newest_first():
    assert [(event.node, event.event) for event in picture().moves] == [("mail01", "took"), ("mail02", "demoted")]


def test_mail_of_both_nodes_by_the_hour_and_hours_without_figures():
    flow = mail_flow(flows(NOW.timestamp()), NOW)
    assert len(flow.hours) == HOURS
    assert flow.hours[-1].began <= NOW < flow.hours[-1].began + timedelta(hours=1)
    assert flow.hours[-1].counts == dict(zip(KINDS, (96, 96, 12, 24), strict=True))
    assert [bool(hour.counts) for hour in flow.hours] == [False] * 5 + [True] * 20
    assert flow.total("accepted") == sum(hour.counts.get("accepted", 0) for hour in flow.hours) > 1000
    assert not mail_flow([], NOW).is_known


def test_an_old_holders_figures_are_said_to_be_old():
    told = described(picture(counted=Counted(flows(NOW.timestamp(), mail02="it does not answer in time"))))
    assert told["mail_flow"]["nodes"] == [
        {"node": "mail01", "age": 0.0, "trouble": ""},
        {"node": "mail02", "age": 40.0, "trouble": "it does not answer in time"},
    ]


# --- asking -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def window(tmp_path, monkeypatch):
    """Answer at the agent's window; with `None` keep whoever looks waiting."""
    path = str(tmp_path / "view.sock")
    monkeypatch.setattr(asking, "VIEW_SOCKET", path)
    monkeypatch.setattr("relevo.directory.queue.asking.QUEUE_SOCKET", str(tmp_path / "nowhere"))
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(path)
    listening.listen(4)
    held = []

    def show(text: str | None) -> None:
        def once() -> None:
            connection, _ = listening.accept()
            held.append(connection)
            if text is not None:
                with connection:
                    connection.sendall(text.encode())

        threading.Thread(target=once, daemon=True).start()

    yield show
    listening.close()
    for connection in held:
        connection.close()


def test_it_asks_by_the_sockets_of_its_node(window):
    window(json.dumps({"view": whole(), "age": 0.3, "error": ""}))
    seen, counted = ask_all()
    assert (seen.whole["own"]["node"], seen.age, seen.why) == ("mail01", 0.3, "")
    assert "systemctl status relevo-queue-control" in counted.why


def test_an_agent_that_is_silent_says_why(window):
    window(json.dumps({"view": None, "age": None, "error": "Connection refused"}))
    seen, _ = ask_all()
    assert (dict(seen.whole), "(Connection refused): `systemctl status relevo-agent`" in seen.why) == ({}, True)


@pytest.mark.parametrize("text", ["", "hello", "[]", None])
def test_what_is_no_view_or_does_not_come_is_told_soon(window, text):
    window(text)
    began = time.monotonic()
    seen, _ = ask_all()
    assert time.monotonic() - began < 1  # 0.2 s, and what a busy machine adds
    assert "`systemctl status relevo-view`" in seen.why
    assert not seen.whole


def test_who_is_asked_at_once_speaks_the_language_of_who_asks():
    def fails() -> str:
        raise RelevoError(i18n._("yes"))

    with i18n.speaking("es"):
        good, bad = at_once(lambda: i18n._("yes"), fails)
    assert (good, str(bad)) == ("sí", "sí")

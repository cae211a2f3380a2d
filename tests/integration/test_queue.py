"""The mail queues on real nodes: what waits in Postfix, asked from the other node, too, and who may not ask."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from relevo.cluster.wires import QUEUE_PORT, QUEUE_SOCKET, RELEVO_COMMAND, RELEVO_PYTHON, WEB_USER
from relevo.lab.local import LocalLab
from relevo.lab.workspace import default_folder

pytestmark = pytest.mark.integration

MAIL = ("mail01", "mail02")
SENDER = "queue-test@example.org"
RECIPIENT = "nobody@[192.0.2.1]"  # TEST-NET-1 (RFC 5737): nobody is there, so it waits
_ASK = f"""
import sys
from relevo.queue.ask import ask
print(ask({{"do": "list", "limit": 1}}, {QUEUE_SOCKET!r}))
"""
_REACH = """
import socket, sys
with socket.socket() as line:
    line.settimeout(3)
    sys.exit(line.connect_ex((sys.argv[1], int(sys.argv[2]))) != 0)
"""


@pytest.fixture(scope="module")
def lab() -> LocalLab:
    return LocalLab(Path(default_folder()))


def queue(lab: LocalLab, node: str, *words: str) -> str:
    done = lab.run(node, ["env", "LANGUAGE=en", RELEVO_COMMAND, "queue", *words], within=60)
    assert done.returncode == 0, done.stderr
    return done.stdout if "json" in words else done.stdout + done.stderr


def waiting(lab: LocalLab, at: str, *words: str) -> dict[str, dict]:
    """Return what waits of the tests' sender, by id, as a node tells it."""
    told = queue(lab, at, "list", "--sender", SENDER, "--format", "json", *words)
    return {one["id"]: one for one in json.loads(told)}


def settled(lab: LocalLab) -> dict[str, str]:
    """Return the ids once they stay: Amavis gives a message back under another one."""
    deadline, before = time.monotonic() + 90, {}
    while True:
        now = {one["node"]: number for number, one in waiting(lab, "mail01").items()}
        if set(now) == set(MAIL) and now == before:
            return now
        assert time.monotonic() < deadline, "the messages did not stay in the queues"
        before = now
        time.sleep(5)


@pytest.fixture
def messages(lab: LocalLab) -> Iterator[dict[str, str]]:
    """A message that waits on each mail node: its id by the node; gone afterwards."""
    text = f"From: {SENDER}\nTo: {RECIPIENT}\nSubject: =?UTF-8?Q?Reuni=C3=B3n?=\n\nnobody's business\n"
    for node in MAIL:
        sent = lab.run(node, ["/usr/sbin/sendmail", "-f", SENDER, RECIPIENT], stdin=text)
        assert sent.returncode == 0, sent.stderr
    yield settled(lab)
    for found in waiting(lab, "mail01"):
        queue(lab, "mail01", "delete", "--yes", found)


@pytest.mark.parametrize("at", MAIL)
def test_each_node_tells_of_both_queues(lab: LocalLab, messages: dict[str, str], at: str):
    assert {one["node"]: number for number, one in waiting(lab, at).items()} == messages
    only = waiting(lab, at, "--node", "mail02")
    assert {one["node"] for one in only.values()} == {"mail02"}


@pytest.mark.parametrize("node", MAIL)
def test_headers_are_told_and_never_what_is_in_it(lab: LocalLab, messages: dict[str, str], node: str):
    shown = queue(lab, "mail01", "show", messages[node])
    assert "Subject: Reunión" in shown
    assert "nobody's business" not in shown


@pytest.mark.parametrize("node", MAIL)
def test_hold_release_and_delete_reach_postfix_on_either_node(lab: LocalLab, messages: dict[str, str], node: str):
    number = messages[node]

    def state() -> str:
        listed = lab.run(node, ["/usr/sbin/postqueue", "-j"]).stdout.splitlines()
        return next((json.loads(line)["queue_name"] for line in listed if number in line), "")

    assert "1 message is on hold." in queue(lab, "mail01", "hold", number)
    assert state() == "hold"
    assert "waits for its release" in queue(lab, "mail01", "retry", number)
    assert "released and being tried now" in queue(lab, "mail01", "release", number)
    assert state() in {"incoming", "active", "deferred"}
    assert "1 message is deleted." in queue(lab, "mail01", "delete", "--yes", number)
    assert state() == ""
    assert number in lab.run(node, ["journalctl", "-u", "relevo-queue-control", "-n", "50", "-o", "cat"]).stdout


def test_a_service_that_is_stopped_is_said_to_be_silent(lab: LocalLab, messages: dict[str, str]):
    units = ["relevo-queue-control.service", "relevo-queue-control.socket"]
    lab.run("mail02", ["systemctl", "stop", *units])
    try:
        said = queue(lab, "mail01", "list", "--sender", SENDER)
        assert messages["mail01"] in said
        assert "mail02 doesn't answer" in said
        assert messages["mail02"] not in said
    finally:
        lab.run("mail02", ["systemctl", "start", *reversed(units)])


@pytest.mark.parametrize("node", MAIL)
def test_the_web_may_ask_and_other_accounts_may_not(lab: LocalLab, node: str):
    for account, may in ((WEB_USER, True), ("nobody", False), ("www-data", False)):
        done = lab.run(node, ["setpriv", f"--reuid={account}", f"--regid={account}" if may else "--regid=nogroup",
                              "--clear-groups", RELEVO_PYTHON, "-c", _ASK])
        assert (done.returncode == 0 and "'rows'" in done.stdout) is may, done.stderr


def test_only_the_mail_nodes_reach_the_port(lab: LocalLab):
    addresses = {"mail01": "192.168.100.11", "mail02": "192.168.100.12"}
    for here, there in (("mail01", "mail02"), ("mail02", "mail01")):
        assert lab.run(here, ["python3", "-c", _REACH, addresses[there], str(QUEUE_PORT)]).returncode == 0
    for there in addresses.values():
        assert lab.run("storage01", ["python3", "-c", _REACH, there, str(QUEUE_PORT)]).returncode != 0


@pytest.mark.parametrize("node", MAIL)
def test_its_socket_outlives_a_restart(lab: LocalLab, node: str):
    assert lab.run(node, ["systemctl", "restart", "relevo-queue-control.service"]).returncode == 0
    assert lab.run(node, [RELEVO_PYTHON, "-c", _ASK]).returncode == 0

"""Traces on real nodes: a message is sent, and both nodes' journals tell its way; who may not ask."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from relevo.cluster.wires import RELEVO_COMMAND, TRACE_DIRECTORY, TRACE_SOCKET, WEB_USER
from relevo.lab.local import LocalLab
from relevo.lab.workspace import default_folder

pytestmark = pytest.mark.integration

MAIL = ("mail01", "mail02")
SENDER = "trace-test@example.org"
WAITS = "nobody@[192.0.2.1]"  # TEST-NET-1 (RFC 5737): nobody is there


@pytest.fixture(scope="module")
def lab() -> LocalLab:
    return LocalLab(Path(default_folder()))


def trace(lab: LocalLab, node: str, *words: str) -> list[dict]:
    """Return traces as a node tells them."""
    done = lab.run(node, ["env", "LANGUAGE=en", RELEVO_COMMAND, "trace", *words, "--format", "json"], within=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def subject(name: str) -> str:
    """Return the subject of a message, as it is written into it."""
    return f"=?iso-8859-1?q?Reuni=F3n_{name[:12]}?="


def eventually(look: Callable[[], list[dict]], check: Callable[[list[dict]], bool], within: float = 60) -> list[dict]:
    deadline = time.monotonic() + within
    while not check(found := look()):
        assert time.monotonic() < deadline, found
        time.sleep(2)
    return found


@pytest.fixture
def message(lab: LocalLab, request: pytest.FixtureRequest) -> str:
    """Hand a message in on a node; return its Message-ID."""
    node, recipient = request.param
    name = f"{uuid.uuid4().hex}@trace.example"
    text = f"From: {SENDER}\nTo: {recipient}\nSubject: {subject(name)}\nMessage-ID: <{name}>\n\nnobody's business\n"
    sent = lab.run(node, ["/usr/sbin/sendmail", "-f", SENDER, recipient], stdin=text)
    assert sent.returncode == 0, sent.stderr
    return name


def is_whole(told: list[dict]) -> bool:
    """Tell whether every step is there: the nodes' and the services' lines are read one after the other.

    Until those are there that join them, a message's parts stand in a list, which has no steps.
    """
    if len(told) != 1:
        return False
    steps = {step["step"] for step in told[0].get("steps", ())}
    return {"handed", "filtered", "taken", "passed", "delivered", "stored"} <= steps


@pytest.mark.parametrize("message", [(node, "root") for node in MAIL], indirect=True)
@pytest.mark.parametrize("at", MAIL)
def test_the_whole_way_is_told_on_either_node(lab: LocalLab, message: str, at: str):
    (found,) = eventually(lambda: trace(lab, at, message), is_whole)
    assert found["results"] == ["delivered"]
    assert all(step["lines"] and step["text"] for step in found["steps"])
    assert "nobody's business" not in json.dumps(found)


@pytest.mark.parametrize("message", [("mail02", "root")], indirect=True)
def test_its_subject_leads_to_it_and_stands_nowhere(lab: LocalLab, message: str):
    words = ("--subject", f"RE: reunión {message[:12].upper()}")
    (found,) = eventually(lambda: trace(lab, "mail01", *words), bool)
    assert found["message_id"] == message
    whole = json.dumps(trace(lab, "mail01", found["id"]))
    assert ", subject: " in whole  # a digest
    assert message[:12] not in whole.replace(message, "")


@pytest.mark.parametrize("message", [("mail01", WAITS)], indirect=True)
def test_what_waits_is_said_to_wait_and_to_be_deleted(lab: LocalLab, message: str):
    (found,) = eventually(
        lambda: trace(lab, "mail02", message), lambda told: bool(told) and "deferred" in told[0]["results"], within=120
    )
    assert "queued" in found["results"]
    (put_off,) = [step for step in found["steps"] if step["step"] == "deferred"]
    assert put_off["what"]
    number = next(line.split(": ")[1] for line in put_off["lines"])
    assert trace(lab, "mail01", number)[0]["message_id"] == message
    done = lab.run("mail01", [RELEVO_COMMAND, "queue", "delete", "--yes", number], within=60)
    assert done.returncode == 0, done.stderr
    eventually(lambda: trace(lab, "mail02", message), lambda told: "deleted" in told[0]["results"])


@pytest.mark.parametrize("node", MAIL)
def test_it_goes_on_after_a_restart_and_doubles_nothing(lab: LocalLab, node: str):
    before = trace(lab, node, "--limit", "20")
    assert lab.run(node, ["systemctl", "kill", "--signal=SIGKILL", "relevo-trace.service"]).returncode == 0
    number = before[-1]["id"]

    def told() -> list[dict]:
        done = lab.run(node, ["env", "LANGUAGE=en", RELEVO_COMMAND, "trace", number, "--format", "json"], within=60)
        return [] if done.returncode or "doesn't answer" in done.stderr else json.loads(done.stdout)

    (found,) = eventually(told, lambda some: len(some) == 1)
    lines = [line for step in found["steps"] for line in step["lines"]]
    assert len(lines) == len(set(lines))


def test_a_service_that_is_stopped_is_said_to_be_silent(lab: LocalLab):
    lab.run("mail02", ["systemctl", "stop", "relevo-trace.service"])
    try:
        words = ["env", "LANGUAGE=en", RELEVO_COMMAND, "trace", "nobody@nowhere.example.org"]
        done = lab.run("mail01", words, within=60)
        assert "mail02 doesn't answer" in done.stderr
        assert "Nothing was found" not in done.stderr
    finally:
        lab.run("mail02", ["systemctl", "start", "relevo-trace.service"])


@pytest.mark.parametrize("node", MAIL)
def test_it_has_no_rights_and_nobody_reaches_it(lab: LocalLab, node: str):
    pid = lab.run(node, ["systemctl", "show", "-P", "MainPID", "relevo-trace.service"]).stdout.strip()
    assert lab.run(node, ["ps", "-o", "uid=", "-p", pid]).stdout.strip() not in {"", "0"}
    for account in (WEB_USER, "nobody"):
        for path in (TRACE_DIRECTORY, TRACE_SOCKET, "/var/lib/private/relevo-trace"):
            seen = lab.run(node, ["setpriv", f"--reuid={account}", "--clear-groups", "ls", path])
            assert seen.returncode != 0, (account, path)


@pytest.mark.parametrize("node", MAIL)
def test_at_rest_it_costs_nearly_nothing(lab: LocalLab, node: str):
    def used() -> int:
        return int(lab.run(node, ["systemctl", "show", "-P", "CPUUsageNSec", "relevo-trace.service"]).stdout)

    before = used()
    time.sleep(30)
    assert used() - before < 0.6e9  # 2 % of a processor; the agents' probes go on meanwhile

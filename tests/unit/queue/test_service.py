"""The service as a whole: real sockets, TLS with a real key, commands that speak as Postfix was heard to speak."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest

from relevo.queue import journal, peer, postfix
from relevo.queue.ask import ask
from relevo.queue.server import serve
from relevo.queue.settings import Settings
from relevo.services.agent.identity import make
from tests.unit.queue.memory import LINES

COMMANDS = {
    "postqueue": """case "$3" in
-j) [ ! -e {at}/fails ] || {{ cat {at}/fails >&2; exit 69; }}
    [ ! -e {at}/hangs ] || exec sleep 60
    cat "$2/queue.jsonl"
    [ ! -e {at}/slow ] || exec sleep 60 ;;
*) echo "$@" >> {at}/done; [ ! -e {at}/down ] || {{ cat {at}/down >&2; exit 69; }} ;;
esac
""",
    "postsuper": """echo "$@" >> {at}/done
while read -r id; do
    ! grep -q "\\"$id\\"" "$2/queue.jsonl" || case "$3" in
    -d) echo "postsuper: $id: removed" >&2 ;;
    -h) echo "postsuper: $id: placed on hold" >&2 ;;
    -H) echo "postsuper: $id: released from hold" >&2 ;;
    esac
done
echo "postsuper: Deleted: 1 message" >&2
""",
    "postcat": """grep -q "\\"$5\\"" "$2/queue.jsonl" || {{
    echo "postcat: fatal: open queue file $5: No such file or directory" >&2
    exit 1
}}
printf 'Subject: caf\\351 \\033[31m\\nX-Long: '; head -c 200000 /dev/zero | tr '\\0' x
""",
    "systemctl": "[ -e {at}/adopted ]",
    "journalctl": """echo "$@" >> {at}/followed
[ ! -e {at}/journal ] || cat {at}/journal
[ -e {at}/journal-ends ] || exec sleep 60
""",
}
IDS = [json.loads(line)["queue_id"] for line in LINES]


ADDRESSES = {"mail01": "127.0.0.1", "mail02": "127.0.0.2"}  # who connects to either comes from 127.0.0.1


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Node:
    """The service of one node, in a thread."""

    def __init__(self, folder: Path, name: str, other: str, port: int, key: str) -> None:
        folder.mkdir()
        for queue in ("own", "adopted"):
            (folder / queue).mkdir()
        (folder / "own" / "queue.jsonl").write_text("".join(f"{line}\n" for line in LINES))
        (folder / "key.pem").write_text(key)
        self.folder, self.path, address = folder, str(folder / "socket"), ADDRESSES[name]
        self.settings = Settings(
            node=name, address=address, port=port, peers={other: ADDRESSES[other]}, socket=self.path, users=(),
            certificate=str(folder / "key.pem"), queue=str(folder / "own"), adopted=str(folder / "adopted"),
            adopted_unit="relevo-adopted-queue.service", units=("postfix.service",), flow=str(folder / "flow.json"),
            index=str(folder / "index.sock"),
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def start(self) -> Node:
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._stands() and time.monotonic() < deadline:
            time.sleep(0.02)
        return self

    def _stands(self) -> bool:
        with socket.socket() as probe:
            heard = probe.connect_ex((self.settings.address, self.settings.port)) == 0
        return heard and Path(self.path).exists()

    def end(self) -> None:
        if self._thread.is_alive():  # a test may have ended it
            self._loop.call_soon_threadsafe(self._work.cancel)
            self._thread.join(5)

    def ask(self, **question):
        return ask(question, self.path)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._work = self._loop.create_task(serve(self.settings))
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._work)
        if left := asyncio.all_tasks(self._loop):  # commands that are about to be gone
            self._loop.run_until_complete(asyncio.wait(left, timeout=3))
        self._loop.close()


@pytest.fixture
def commands(tmp_path, monkeypatch) -> Path:
    """A folder with the commands first in the PATH; files in it say how they behave."""
    (tmp_path / "bin").mkdir()
    for name, text in COMMANDS.items():
        (tmp_path / "bin" / name).write_text("#!/bin/sh\n" + text.format(at=tmp_path))
        (tmp_path / "bin" / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return tmp_path


@pytest.fixture
def nodes(commands):
    """mail01, which is asked, and mail02."""
    port, key = free_port(), make("a token")
    pair = (
        Node(commands / "one", "mail01", "mail02", port, key).start(),
        Node(commands / "two", "mail02", "mail01", port, key).start(),
    )
    yield pair
    for node in pair:
        node.end()


def raw(node: Node, context: ssl.SSLContext | None, line: bytes = b'{"do": "list", "here": true}\n') -> bytes:
    """Say something at a node's port, in TLS or not; return what comes back."""
    plain = socket.create_connection((node.settings.address, node.settings.port), 5)
    with plain, context.wrap_socket(plain) if context else contextlib.nullcontext(plain) as connection:
        connection.sendall(line)
        return connection.recv(1 << 20)


def test_both_nodes_in_one_answer(nodes):
    answer = nodes[0].ask(do="list", limit=100)
    assert [(queue["at"], queue["of"], queue["matching"], queue["error"]) for queue in answer["queues"]] == [
        ("mail01", "mail01", len(LINES), ""), ("mail02", "mail02", len(LINES), ""),
    ]
    assert [row["id"] for row in answer["rows"]] == sorted(IDS * 2)
    assert len(nodes[0].ask(do="list", limit=5)["rows"]) == 5
    assert [queue["of"] for queue in nodes[0].ask(do="list", node="mail02")["queues"]] == ["mail02"]


def test_an_adopted_queue_is_there_while_it_is_adopted(nodes, commands):
    (nodes[0].folder / "adopted" / "queue.jsonl").write_text(LINES[0].replace(IDS[0], "4adoptedAAAA") + "\n")
    assert not nodes[0].ask(do="list", ids=["4adoptedAAAA"])["rows"]
    change = {"do": "delete", "ids": ["4adoptedAAAA"], "at": "mail01", "of": "mail02"}
    assert "does not work on" in nodes[0].ask(**change)["refused"]
    (commands / "adopted").touch()
    nodes[1].end()
    answer = nodes[0].ask(do="list", ids=["4adoptedAAAA"])
    assert [(row["at"], row["of"]) for row in answer["rows"]] == [("mail01", "mail02")]
    assert [(queue["at"], queue["of"], queue["silent"]) for queue in answer["queues"]] == [
        ("mail01", "mail01", False), ("mail01", "mail02", False), ("mail02", "mail02", True),
    ]
    assert nodes[0].ask(**change) == {"done": ["4adoptedAAAA"]}
    assert (commands / "done").read_text() == f"-c {nodes[0].folder}/adopted -d -\n"


def test_a_node_that_is_gone_is_silent_never_empty(nodes):
    nodes[1].end()
    answer = nodes[0].ask(do="list")
    assert len(answer["rows"]) == len(LINES)
    (silent,) = [queue for queue in answer["queues"] if queue["silent"]]
    assert silent["of"] == "mail02"
    assert silent["error"]
    assert "refused" in nodes[0].ask(do="headers", id=IDS[0], at="mail02", of="mail02")


def test_a_queue_that_cannot_be_read_says_why_and_is_not_empty(nodes, commands):
    (commands / "fails").write_text("postqueue: warning: Mail system is down\npostqueue: fatal: malformed response\n")
    answer = nodes[0].ask(do="list")
    assert [queue["error"] for queue in answer["queues"]] == ["postqueue: fatal: malformed response"] * 2


def test_a_storage_that_hangs_is_told_in_time_and_asked_once(nodes, commands, monkeypatch):
    monkeypatch.setattr(postfix, "_LIST_SECONDS", 0.5)
    (commands / "hangs").touch()
    began = time.monotonic()
    assert "did not come" in nodes[0].ask(do="list", node="mail01")["queues"][0]["error"]
    assert time.monotonic() - began < 3
    (commands / "hangs").unlink()
    assert len(nodes[0].ask(do="list", node="mail01")["rows"]) == len(LINES)


def test_a_queue_that_is_too_long_is_told_in_part(nodes, commands, monkeypatch):
    monkeypatch.setattr(postfix, "_LIST_SECONDS", 1)
    (commands / "slow").touch()
    answer = nodes[0].ask(do="list", node="mail01", limit=100)
    assert (answer["queues"][0]["cut"], answer["queues"][0]["error"], len(answer["rows"])) == (True, "", len(LINES))
    monkeypatch.setattr(postfix, "_LIST_SECONDS", 30)
    began = time.monotonic()
    answer = nodes[0].ask(do="list", node="mail01", ids=[IDS[0]], limit=2)
    assert (answer["queues"][0]["cut"], len(answer["rows"])) == (False, 1)  # all that were asked for are found
    assert time.monotonic() - began < 20  # nothing was waited for, on a machine that has much else to do, too


def test_lists_that_hang_leave_room_again_when_they_are_gone(nodes, commands, monkeypatch):
    monkeypatch.setattr(postfix, "_LIST_SECONDS", 0.3)
    (commands / "hangs").touch()
    for _ in range(6):
        assert nodes[0].ask(do="list", node="mail01")["queues"][0]["error"]
    (commands / "hangs").unlink()
    monkeypatch.setattr(postfix, "_LIST_SECONDS", 5)
    assert len(nodes[0].ask(do="list", node="mail01")["rows"]) == len(LINES)


def test_lines_that_nobody_understands_are_an_error(nodes):
    (nodes[0].folder / "own" / "queue.jsonl").write_text(f"{LINES[0]}\nnonsense\n")
    assert "can't be understood" in nodes[0].ask(do="list", node="mail01")["queues"][0]["error"]


@pytest.mark.parametrize(("do", "flag"), [("hold", "-h"), ("release", "-H"), ("delete", "-d")])
@pytest.mark.parametrize("at", ["mail01", "mail02"])
def test_changes_name_who_was_there(nodes, commands, do, flag, at):
    answer = nodes[0].ask(do=do, ids=[IDS[2], "NOSUCHID12", IDS[0]], at=at, of=at, who="ana")
    assert answer == {"done": [IDS[2], IDS[0]]}
    folder = commands / ("one" if at == "mail01" else "two") / "own"
    said = (commands / "done").read_text().splitlines()
    assert said[0] == f"-c {folder} {flag} -"
    released = {f"-c {folder} -i {number}" for number in (IDS[2], IDS[0])} if do == "release" else set()
    assert set(said[1:]) == released  # and tried at once


def test_retry_and_retry_all(nodes, commands):
    ids = [f"{number:06}" for number in range(30)]
    assert nodes[0].ask(do="retry", ids=ids, at="mail01", of="mail01") == {"done": ids}
    assert sorted((commands / "done").read_text().splitlines()) == [f"-c {nodes[0].folder}/own -i {one}" for one in ids]
    assert [queue["error"] for queue in nodes[0].ask(do="retry-all", who="ana")["queues"]] == ["", ""]
    (commands / "down").write_text("postqueue: fatal: Cannot flush mail queue - mail system is down\n")
    refused = nodes[0].ask(do="retry", ids=[IDS[0]], at="mail01", of="mail01")["refused"]
    assert refused == "mail01: postqueue: fatal: Cannot flush mail queue - mail system is down"


def test_headers_are_bounded(nodes):
    headers = nodes[0].ask(do="headers", id=IDS[0], at="mail02", of="mail02")["headers"]
    assert headers.startswith("Subject: caf\ufffd")
    assert len(headers) <= postfix.MOST_HEADERS
    assert "No such file" in nodes[0].ask(do="headers", id="NOSUCHID12", at="mail01", of="mail01")["refused"]


def test_what_is_not_on_the_list_is_refused(nodes):
    assert nodes[0].ask(do="body") == {"refused": "none of what can be done"}
    assert "no node" in nodes[0].ask(do="delete", ids=[IDS[0]], at="mail03", of="mail03")["refused"]
    assert "no node" in nodes[0].ask(do="delete", ids=[IDS[0]], at="mail02", of="mail02", here=True)["refused"]


def test_only_who_has_the_key_is_heard_at_the_port(nodes, tmp_path):
    strange = tmp_path / "strange.pem"
    strange.write_text(make("another token"))
    without = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    without.check_hostname, without.verify_mode = False, ssl.CERT_NONE
    with_a_strange_key = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with_a_strange_key.check_hostname, with_a_strange_key.verify_mode = False, ssl.CERT_NONE
    with_a_strange_key.load_cert_chain(strange)
    for context in (None, without, with_a_strange_key):
        try:
            came = raw(nodes[1], context)
        except OSError:
            came = b""
        assert b"refused" not in came
        assert b"rows" not in came


def test_with_the_key_but_from_elsewhere_nothing_is_told(nodes):
    context = peer.mutual_context(ssl.PROTOCOL_TLS_CLIENT, nodes[0].settings.certificate)
    assert b"rows" in raw(nodes[1], context)  # comes from 127.0.0.1, which is mail01
    assert b"may not ask" in raw(nodes[0], context)  # mail02 would come from 127.0.0.2
    assert b"alone" in raw(nodes[1], context, b'{"do": "list"}\n')


def test_at_the_socket_others_are_refused(nodes, monkeypatch):
    monkeypatch.setattr("relevo.queue.server.uid_of", lambda _writer: 65534)
    assert nodes[0].ask(do="list") == {"refused": "you may not ask"}


def until(condition) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_has_gone_through_is_told_at_once_and_the_other_nodes_as_it_was_heard_last(commands, nodes, monkeypatch):
    sent = "postfix/lmtp[9]: AAAAA1: to=<ana@example.org>, dsn=2.0.0, status=sent (250 2.0.0 Saved)"
    (commands / "journal-ends").touch()
    (commands / "journal").write_text(f"{time.time():.6f} mail01 {sent}\n")
    port, key = free_port(), make("another token")
    for module in ("AGAIN_SECONDS", "PEER_SECONDS", "KEEP_SECONDS"):
        monkeypatch.setattr(journal, module, 0.05)
    other = Node(commands / "three", "mail02", "mail01", port, key).start()
    asked = Node(commands / "four", "mail01", "mail02", port, key).start()
    try:
        until(lambda: asked.ask(do="flow")["flows"][1]["totals"].get("delivered"))
        here, there = asked.ask(do="flow")["flows"]
        assert (here["at"], here["age"], here["totals"]["delivered"]) == ("mail01", 0.0, 1)
        assert (there["at"], there["hours"][0][2]) == ("mail02", 1)
        assert [one["at"] for one in asked.ask(do="flow", here=True)["flows"]] == ["mail01"]
        followed = (commands / "followed").read_text().splitlines()[-1]
        assert followed.startswith("--quiet --merge --follow --no-tail --no-pager --output=short-unix --since=@")
        assert followed.endswith(" _SYSTEMD_UNIT=postfix.service")
        other.end()
        until(lambda: asked.ask(do="flow")["flows"][1]["error"] not in {"", "journalctl has ended"})
        began = time.monotonic()
        dead = asked.ask(do="flow")["flows"][1]
        assert time.monotonic() - began < 0.2
        assert (dead["hours"], dead["age"] > 0) == (there["hours"], True)
        until((asked.folder / "flow.json").exists)
    finally:
        other.end()
        asked.end()


def test_of_a_node_that_was_never_heard_nothing_is_known(commands):
    alone = Node(commands / "one", "mail01", "mail02", free_port(), make("a token")).start()
    try:
        until(lambda: alone.ask(do="flow")["flows"][1]["error"] != "it was not asked yet")
        there = alone.ask(do="flow")["flows"][1]
        assert (there["age"], there["hours"]) == (None, [])
        assert there["error"]
    finally:
        alone.end()

from __future__ import annotations

import json
import socket
import threading
from dataclasses import fields

import pytest

from relevo.agent.probe import Deadline, ProbeFailed
from relevo.cluster import wires
from relevo.queue.settings import Settings, read
from relevo.services.agent.render import render as render_agent
from relevo.services.firewall.ports import rules
from relevo.services.queue import settings
from relevo.services.queue.health import answers, probes
from relevo.services.queue.render import render
from tests.unit.services.golden import check_golden


@pytest.mark.parametrize("node", ["mail01", "mail02"])
def test_files(context, node):
    check_golden("queue", context(node))


def test_what_is_rendered_is_what_the_service_reads(context, tmp_path):
    (told,) = [file for file in render(context("mail01")) if file.path == settings.CONFIG]
    (tmp_path / "queue.json").write_bytes(told.data)
    own = read(str(tmp_path / "queue.json"))
    assert set(json.loads(told.data)) == {field.name for field in fields(Settings)}
    assert (own.node, own.peers, own.users) == ("mail01", {"mail02": "192.168.100.12"}, ("relevo-web",))


def test_its_key_is_that_of_the_agents_and_no_secret_is_in_its_own_files(context):
    ctx = context("mail01")
    (key,) = [file for file in render_agent(ctx) if file.path == wires.AGENT_KEY]
    assert (key.mode, key.secret) == (0o600, True)
    assert not [file.path for file in render(ctx) if b"secret-" in file.data]


def test_its_port_is_open_to_the_other_mail_node_and_to_nobody_else(cluster):
    for name, other in (("mail01", "192.168.100.12"), ("mail02", "192.168.100.11")):
        heard = [rule.source for rule in rules(cluster, cluster.nodes[name]) if rule.port == str(wires.QUEUE_PORT)]
        assert heard == [other]
    assert not [rule for rule in rules(cluster, cluster.nodes["storage01"]) if rule.port == str(wires.QUEUE_PORT)]


@pytest.fixture
def server(tmp_path):
    """Answer one line at a UNIX socket."""

    def serve(answer: bytes) -> str:
        path = str(tmp_path / "socket")
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(path)
        listening.listen(1)

        def once() -> None:
            connection, _ = listening.accept()
            with connection, listening:
                connection.recv(4096)
                connection.sendall(answer)

        threading.Thread(target=once, daemon=True).start()
        return path

    return serve


def test_its_health_is_that_it_tells_what_it_has_counted_and_moves_no_virtual_ip(server):
    told = b'{"flows":[{"at":"mail01","age":0.0,"error":"","hours":[],"totals":{"accepted":12,"deferred":3}}]}\n'
    (probe,) = probes({"queue_socket": server(told)})
    assert (probe.vital, probe.unit) == (False, settings.UNIT)
    said = probe.check(Deadline(5))
    assert said == "answers"
    assert said.figures == {"mail_flow": {"accepted": 12, "deferred": 3}}


def test_one_of_another_version_that_refuses_is_well(server):
    assert answers(server(b'{"refused":"none of what can be done"}\n'), Deadline(5)) == "answers"


@pytest.mark.parametrize("answer", [b"hello\n", b"[]\n", b"{}\n", b"", b'{"flows":[]}\n', b'{"flows":{"a":1}}\n'])
def test_anything_else_is_a_failure(server, answer):
    with pytest.raises(ProbeFailed):
        answers(server(answer), Deadline(5))

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from relevo.agent.probe import Deadline, ProbeFailed
from relevo.cluster import wires
from relevo.directory import dovecot
from relevo.services.web import settings
from relevo.services.web.health import answers, probes
from relevo.services.web.render import render
from tests.unit.services.golden import check_golden


def test_files(context):
    check_golden("web", context("mail01"))


def test_both_nodes_have_the_same_files_and_so_the_same_sessions(context):
    assert render(context("mail01")) == render(context("mail02"))


def test_of_the_secrets_it_is_told_three_and_they_are_in_a_file_of_roots(context):
    files = render(context("mail01"))
    (told,) = [file for file in files if "secret-" in file.data.decode()]
    assert (told.path, told.mode, told.owner, told.secret) == (settings.CONFIG, 0o600, "root", True)
    secrets = {value for value in json.loads(told.data).values() if str(value).startswith("secret-")}
    assert secrets == {"secret-database-web", "secret-django-key", "secret-quarantine-mailbox"}


def test_its_health_moves_no_virtual_ip():
    (probe,) = probes({"web_socket": "/nowhere", "hostname": "mail.example.org"})
    assert (probe.vital, probe.unit) == (False, settings.UNIT)


@pytest.fixture
def server(tmp_path):
    """Answer one request at a UNIX socket."""

    def serve(answer: bytes) -> tuple[str, list[bytes]]:
        path, heard = str(tmp_path / "socket"), []
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(path)
        listening.listen(1)

        def once() -> None:
            connection, _ = listening.accept()
            with connection:
                heard.append(connection.recv(4096))
                connection.sendall(answer)
            listening.close()

        threading.Thread(target=once, daemon=True).start()
        return path, heard

    return serve


def test_the_probe_is_a_request_for_the_platforms_name(server):
    path, heard = server(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nreads from the database\n")
    assert answers(path, "mail.example.org", Deadline(5)) == "reads from the database"
    assert heard[0].startswith(b"GET /health HTTP/1.0\r\nHost: mail.example.org\r\n")


@pytest.mark.parametrize(
    ("answer", "because"),
    [
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\nthe database says: WSREP", "WSREP"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "400"),
        (b"hello\r\n\r\n", "hello"),
        (b"", "it answers"),
    ],
)
def test_anything_else_is_a_failure_with_its_reason(server, answer, because):
    path, _ = server(answer)
    with pytest.raises(ProbeFailed, match=because):
        answers(path, "mail.example.org", Deadline(5))


def test_nginx_says_hsts_again_in_each_room_and_who_the_client_is(context):
    room = next(file for file in render(context("mail01")) if file.path == settings.ROOM).data.decode()
    assert room.count("add_header Strict-Transport-Security") == 8
    assert room.count("proxy_set_header X-Real-IP $remote_addr;") == room.count("proxy_pass") == 7


@pytest.mark.parametrize("lost", [False, True])
def test_who_is_not_root_asks_root_to_have_an_account_forgotten(server, lost):
    path, heard = server(b"done\n")
    dovecot.ask_root("ana@example.org", lost=lost, path=path)
    assert heard == [b"kick ana@example.org\n" if lost else b"flush ana@example.org\n"]


def test_the_change_stands_when_nobody_is_there_to_ask(tmp_path, caplog):
    dovecot.ask_root("ana@example.org", lost=True, path=str(tmp_path / "nowhere"))
    assert "still know ana@example.org" in caplog.text


@pytest.mark.parametrize(
    ("question", "done"),
    [
        ("flush ana@example.org\n", ["auth cache flush ana@example.org"]),
        ("kick ana.b-c_d@example.org\n", ["auth cache flush ana.b-c_d@example.org", "kick ana.b-c_d@example.org"]),
        ("kick *\n", None),
        ("kick -a@example.org\n", None),
        ("kick ana@example.org -a\n", None),
        ("flush ana@example.org; reboot\n", None),
        ("stop ana@example.org\n", None),
        ("flush ana@example.org", None),
        ("", None),
    ],
)
def test_what_root_does_for_a_question(tmp_path, question, done):
    doveadm = tmp_path / "doveadm"
    doveadm.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/done\n')
    doveadm.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    ran = subprocess.run(
        [sys.executable, "-m", "relevo.directory.dovecot"], input=question, text=True, env=environment,
        capture_output=True, check=False,
    )
    wrote = Path(tmp_path, "done").read_text().splitlines() if Path(tmp_path, "done").exists() else None
    assert (ran.returncode == 0, wrote, ran.stdout) == (done is not None, done, "done\n" if done else "")


def test_the_agent_knows_the_socket_by_its_wire():
    assert wires.WEB_SOCKET == "/run/relevo-web.sock"

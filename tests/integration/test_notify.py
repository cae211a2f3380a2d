"""relevo-notify as its unit starts it, with real ways: a web server and a mail server on loopback, and apprise."""

from __future__ import annotations

import email
import json
import os
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from tests.unit.alerts.payloads import alert, payload

from relevo.alerts.ask import ask

pytest.importorskip("apprise")
TOKEN = "sesame-open-9"


class Hook(BaseHTTPRequestHandler):
    """A webhook that may be told to refuse."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        code = self.server.codes.pop(0) if self.server.codes else 200
        if code == 200:
            self.server.got.append(body)
        self.send_response(code)
        self.end_headers()

    def log_message(self, *_):
        pass


class Sink(socketserver.StreamRequestHandler):
    """As much SMTP (RFC 5321) as a sender of mail wants to hear."""

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        self.say("220 sink")
        for raw in self.rfile:
            word = raw.split()[0].upper() if raw.split() else b""
            if word == b"DATA":
                self.say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.got.append(email.message_from_bytes(b"".join(lines), policy=default))
                self.say("250 taken")
            elif word == b"RCPT" and self.server.refuses:
                self.say("550 5.1.1 nobody here")
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")


class SinkServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


@contextmanager
def serving(server):
    server.got, server.codes, server.refuses = [], [], False
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class Unit:
    """The process."""

    def __init__(self, folder: Path, urls: str, language: str) -> None:
        path, self.log = folder / "notify.urls", folder / "log"
        path.write_text(urls)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "relevo.alerts", "--urls", str(path), "--cluster", "parati", "--port",
                   str(self.port)]
        environment = os.environ | {"LANGUAGE": language, "TZ": "America/La_Paz"}
        with self.log.open("w") as out:
            self.process = subprocess.Popen(command, env=environment, stderr=out)
        until(self.answers, 30)

    def answers(self) -> bool:
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", self.port)) == 0

    def post(self, *alerts) -> int:
        body = json.dumps(payload(*alerts)).encode()
        request = Request(f"http://127.0.0.1:{self.port}/alerts", body, {"Content-Type": "application/json"})
        try:
            with urlopen(request, timeout=10) as answer:  # noqa: S310 - our own process
                return answer.status
        except HTTPError as error:
            return error.code

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)


def until(true: Callable[[], object], within: float = 20) -> None:
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Callable[..., Unit]]:
    with ExitStack() as stack:
        hook = stack.enter_context(serving(ThreadingHTTPServer(("127.0.0.1", 0), Hook)))
        sink = stack.enter_context(serving(SinkServer(("127.0.0.1", 0), Sink)))
        web, mail = hook.server_address[1], sink.server_address[1]
        urls = (
            "# people\n"
            f"json://me:{TOKEN}@127.0.0.1:{web}/hook\n"
            f"mailto://127.0.0.1:{mail}?from=relevo@example.com&to=ana@example.net&mode=insecure&pass={TOKEN}\n"
        )

        def start(language: str = "en") -> Unit:
            unit = Unit(tmp_path, urls, language)
            stack.callback(unit.process.kill)
            unit.hook, unit.sink = hook, sink
            return unit

        yield start


def test_an_alert_comes_by_web_and_by_mail(world):
    unit = world()
    assert unit.post(alert("AgentSilent", severity="critical"), alert("Old", status="resolved")) == 200
    until(lambda: unit.hook.got and unit.sink.got)
    said = unit.hook.got[0]
    assert said["title"] == "Relevo parati: AgentSilent on mail02"
    assert said["type"] == "failure"
    assert "CRITICAL: AgentSilent on mail02 (since 2026-11-24 13:38:22)" in said["message"]
    assert "OVER: Old on mail02" in said["message"]
    letter = unit.sink.got[0]
    assert letter["Subject"] == "Relevo parati: AgentSilent on mail02"
    assert letter["To"] == "ana@example.net"
    assert "What to do: `relevo status`" in letter.get_body(("plain",)).get_content()
    assert unit.end() == 0
    assert TOKEN not in unit.log.read_text()


def test_in_spanish(world):
    unit = world("es")
    unit.post(alert("AgentSilent", severity="critical"))
    until(lambda: unit.hook.got)
    assert unit.hook.got[0]["message"].startswith("CRÍTICO: AgentSilent on mail02 (desde 2026-11-24 13:38:22)")


def test_a_way_that_refuses_is_tried_again_and_holds_up_no_other(world):
    unit = world()
    unit.hook.codes = [500]
    unit.post(alert("AgentSilent"))
    until(lambda: unit.sink.got)
    assert not unit.hook.got
    until(lambda: unit.hook.got)  # 5 s later
    assert len(unit.sink.got) == 1
    log = unit.log.read_text()
    assert "line 2 (json): the other side answers 500 (HTTP); again in 5 s" in log
    assert TOKEN not in log


def test_a_test_says_of_each_way_whether_it_got_through(world):
    unit = world()
    unit.sink.refuses = True
    told = {one["scheme"]: one["why"] for one in json.loads(ask("test", unit.port))}
    assert told["json"] == ""
    assert told["mailto"]
    assert unit.hook.got[0]["title"] == "Relevo parati: test"
    assert TOKEN not in unit.log.read_text() + json.dumps(told)
    unit.sink.refuses = False
    assert all(one["works"] for one in json.loads(ask("test", unit.port)))


def test_nobody_there_is_told_as_such(world):
    unit = world()
    unit.hook.shutdown()
    unit.hook.socket.close()
    told = {one["scheme"]: one["why"] for one in json.loads(ask("test", unit.port))}
    assert told == {"json": "no connection", "mailto": ""}


def test_nonsense_does_not_end_it(world):
    unit = world()
    assert unit.post() == 400
    assert unit.post(alert("A")) == 200
    until(lambda: unit.hook.got)

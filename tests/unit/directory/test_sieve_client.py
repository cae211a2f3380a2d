"""ManageSieve as a server speaks it, over a UNIX socket; answers as Dovecot 2.4.1 gives them."""

from __future__ import annotations

import base64
import socket
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from relevo.directory import mailboxes
from relevo.directory.owner_models import AppPassword
from relevo.directory.sieve import access
from relevo.directory.sieve.client import Client
from relevo.errors import DirectoryError, UnavailableError

GREETING = b'"IMPLEMENTATION" "Dovecot Pigeonhole"\r\n"SASL" "PLAIN LOGIN"\r\n"STARTTLS"\r\nOK "Dovecot ready."\r\n'
LOGGED_IN = b'OK "Logged in."\r\n'
STRONG = "unrelated-words-9"


@contextmanager
def server(path, *answers: bytes):
    """Serve one client: an answer to each of its commands, then hang up; yields what it has sent."""
    listener, heard = socket.socket(socket.AF_UNIX), []
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        line, _address = listener.accept()
        with line:
            line.settimeout(5)
            for number, answer in enumerate(answers):
                if number:
                    heard.append(line.recv(65536))
                with suppress(BrokenPipeError):
                    for start in range(0, len(answer), 7):  # in pieces
                        line.sendall(answer[start : start + 7])

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        thread.join(5)
        listener.close()


def test_scripts_are_listed_read_written_and_activated(tmp_path):
    path, script = tmp_path / "s", 'keep "ñ";\r\n'
    answers = (
        b'"web\\"mail" ACTIVE\r\n"other"\r\nOK "Done."\r\n', b"{12}\r\n" + script.encode() + b'\r\nOK "Done."\r\n',
        b"OK\r\n", b'OK (WARNINGS) "ok"\r\n',
    )
    with server(path, GREETING, LOGGED_IN, *answers) as heard, Client(str(path), "ana@example.org", "secret") as client:
        assert client.scripts() == {'web"mail': True, "other": False}
        assert client.get('web"mail') == script
        client.put("web\\mail", script)
        client.activate("x")
    assert heard[0] == b'AUTHENTICATE "PLAIN" "%s"\r\n' % base64.b64encode(b"\0ana@example.org\0secret")
    assert heard[2:] == [
        b'GETSCRIPT "web\\"mail"\r\n', b'PUTSCRIPT "web\\\\mail" {12+}\r\n' + script.encode() + b"\r\n",
        b'SETACTIVE "x"\r\n',
    ]


def test_bytes_of_another_encoding_come_back_as_they_were(tmp_path):
    path, script = tmp_path / "s", b'keep "\xf1";'
    answers = b"{%d}\r\n" % len(script) + script + b"\r\nOK\r\n", b"OK\r\n"
    with server(path, GREETING, LOGGED_IN, *answers) as heard, Client(str(path), "a", "b") as client:
        client.put("x", client.get("x"))
    assert heard[2] == b'PUTSCRIPT "x" {%d+}\r\n' % len(script) + script + b"\r\n"


@pytest.mark.parametrize("refusal", [
    b'NO "line 1: error: unknown command \'x\'"\r\n', b"NO {35}\r\nline 1: error:\r\nunknown command 'x'\r\n",
    b'NO (QUOTA/MAXSIZE) "line 1: error: unknown command \'x\'"\r\n',
])
def test_a_refusal_says_why(tmp_path, refusal):
    path = tmp_path / "s"
    with server(path, GREETING, LOGGED_IN, refusal), Client(str(path), "a", "b") as client, pytest.raises(
        DirectoryError, match="line 1: error: unknown command 'x'"
    ):
        client.put("x", "x")


@pytest.mark.parametrize("answers", [(), (b"",), (GREETING, b""), (GREETING, LOGGED_IN), (b"x" * (2 << 20),)])
def test_who_hangs_up_or_says_nothing_is_not_waited_for(tmp_path, answers):
    path = tmp_path / "s"
    with server(path, *answers), pytest.raises(UnavailableError, match="try again"), Client(str(path), "a", "b") as one:
        one.scripts()


def test_who_says_a_little_now_and_then_is_not_waited_for_either(tmp_path):
    ended, listener = threading.Event(), socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "s"))
    listener.listen()

    def drip() -> None:
        line, _address = listener.accept()
        with line, suppress(OSError):
            while not ended.wait(0.02):
                line.sendall(b'"SASL" "PLAIN"\r\n')

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    began = time.monotonic()
    with pytest.raises(UnavailableError, match="no answer in time"), Client(str(tmp_path / "s"), "a", "b", 0.3):
        pass
    assert 0.3 <= time.monotonic() - began < 4
    ended.set()
    thread.join(5)
    listener.close()


def test_nobody_there(tmp_path):
    with pytest.raises(UnavailableError, match="No such file"), Client(str(tmp_path / "s"), "a", "b"):
        pass


def test_the_way_in_is_a_password_for_that_alone_which_ends_with_it(platform, lookup, tmp_path):
    path, box = tmp_path / "s", mailboxes.add("ana@example.org", STRONG)
    with server(path, GREETING, LOGGED_IN) as heard, access.scripts_of(box, str(path)):
        assert {row[0] for row in lookup("lookup_app_password", "protocol")} == {"sieve"}
    assert not AppPassword.objects.exists()
    user, plain = base64.b64decode(heard[0].split(b'"')[3]).split(b"\0")[1:]
    assert user == b"ana@example.org"
    assert len(plain) == len("abcd-efgh-jkmn-pqrs-tuvw")
    with pytest.raises(UnavailableError), access.scripts_of(box, str(tmp_path / "nobody")):
        pass
    assert not AppPassword.objects.exists()

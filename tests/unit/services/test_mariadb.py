"""The database: rendered files, how a server is started, Galera's files, the health check's protocol."""

from __future__ import annotations

import hashlib
import socket
import struct
import threading
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from relevo.agent.probe import Deadline, ProbeFailed
from relevo.deploy.shell import CommandFailed
from relevo.services.base import Context
from relevo.services.mariadb import server
from relevo.services.mariadb.accounts import accounts, native_hash
from relevo.services.mariadb.health import judge
from relevo.services.mariadb.position import NO_UUID, SavedState, parse_state, read_state
from relevo.services.mariadb.render import render
from relevo.services.mariadb.settings import buffer_pool_mb
from relevo.services.mariadb.start import Answer, Decision, How, Seen, decide, decide_restart
from relevo.services.mariadb.wire_protocol import Session, parse_greeting, scramble
from tests.unit.services.golden import check_golden

UUID = "87303adb-e828-11f1-8901-faee98757618"
NEW = Seen(
    state=SavedState(), keeps_view=False, others=(Answer.REFUSES,), witness=Answer.REFUSES, noted=False, preferred=True
)
MEMBER = replace(NEW, state=SavedState(UUID, 7), noted=True)
LAST = replace(MEMBER, state=SavedState(UUID, 7, safe_to_bootstrap=True))


@pytest.mark.parametrize("node", ["mail01", "mail02"])
def test_files(context, node):
    check_golden("mariadb", context(node))


def test_no_secret_is_in_its_files(context):
    assert not any("secret-" in file.data.decode() for file in render(context("mail01")))


@pytest.mark.parametrize(("memory", "pool"), [(512, 64), (2048, 128), (4096, 256), (64000, 256)])
def test_buffer_pool_follows_memory_within_reason(memory, pool):
    assert buffer_pool_mb(memory) == pool


@pytest.mark.parametrize(
    ("seen", "how", "because"),
    [
        pytest.param(NEW, How.BEGIN, "begins", id="first installation"),
        pytest.param(replace(NEW, preferred=False), How.NOT, "preferred", id="second node before the first"),
        pytest.param(
            replace(NEW, preferred=False, noted=True, others=(Answer.SPEAKS,)), How.JOIN, "joins", id="second node"
        ),
        pytest.param(
            replace(NEW, noted=True, others=(Answer.SPEAKS,), witness=Answer.SPEAKS), How.JOIN, "joins",
            id="the preferred node was installed anew",
        ),
        pytest.param(replace(NEW, noted=True), How.NOT, "exists", id="installed anew while the other is down"),
        pytest.param(
            replace(NEW, witness=Answer.SPEAKS), How.NOT, "garbd", id="installed anew, note lost, but garbd remembers"
        ),
        pytest.param(replace(NEW, others=(Answer.SILENT,)), How.NOT, "does not answer", id="the other can't be asked"),
        pytest.param(replace(NEW, witness=Answer.SILENT), How.NOT, "does not answer", id="the witness can't be asked"),
        pytest.param(LAST, How.BEGIN, "last to leave", id="killed after beginning, or stopped in order, this one last"),
        pytest.param(replace(LAST, noted=False), How.BEGIN, "last to leave", id="killed before the note was written"),
        pytest.param(replace(LAST, witness=Answer.SPEAKS), How.NOT, "recover database", id="garbd is alone"),
        pytest.param(replace(LAST, others=(Answer.SPEAKS,)), How.JOIN, "joins", id="the other began meanwhile"),
        pytest.param(replace(LAST, others=(Answer.SILENT,)), How.NOT, "does not answer", id="the other may have begun"),
        pytest.param(MEMBER, How.NOT, "recover database", id="stopped in order, but not the last"),
        pytest.param(replace(MEMBER, keeps_view=True), How.JOIN, "companions", id="power cut of all machines"),
    ],
)
def test_how_a_server_is_started(seen, how, because):
    decision = decide(seen)
    assert decision.how is how
    assert because in decision.why


def test_nobody_begins_while_another_speaks():
    for state in (SavedState(), SavedState(UUID), SavedState(UUID, safe_to_bootstrap=True)):
        for noted in (False, True):
            seen = replace(NEW, state=state, noted=noted, others=(Answer.SPEAKS,))
            assert decide(seen).how is How.JOIN


@pytest.mark.parametrize(
    ("size", "others", "primary", "how"),
    [
        (3, 1, True, How.JOIN),
        (2, 1, True, How.JOIN),
        (1, 0, True, How.BEGIN),
        (2, 0, True, How.NOT),
        (0, 0, False, How.JOIN),
    ],
)
def test_how_a_server_is_restarted(size, others, primary, how):
    assert decide_restart(size, others, primary=primary).how is how


GRASTATE = """\
# GALERA saved state
version: 2.1
uuid:    87303adb-e828-11f1-8901-faee98757618
seqno:   2712
safe_to_bootstrap: 1
"""


def test_saved_state():
    assert parse_state(GRASTATE) == SavedState(UUID, 2712, safe_to_bootstrap=True)


@pytest.mark.parametrize("text", ["", "# GALERA saved state\n", GRASTATE.replace("2712", "x"), GRASTATE[:40]])
def test_a_damaged_state_counts_as_never_a_member(text):
    assert not parse_state(text).is_member


def test_a_missing_state_counts_as_never_a_member(tmp_path: Path):
    assert read_state(tmp_path) == SavedState(NO_UUID, -1)


def test_the_hash_is_the_servers():
    assert native_hash("mariadb") == "*54958E764CE10E50764C2EECBB71D01F08549980"  # SELECT PASSWORD('mariadb')


def test_rights_are_no_more_than_needed(context):
    rights = {account.user: account for account in accounts(context("mail01"))}
    for user in ("postfix", "dovecot", "relevo_agent"):
        assert rights[user].rights == ()
    assert rights["relevo_backup"].host == "192.168.100.10"
    assert rights["relevo_backup"].needs_tls
    assert [account.user for account in rights.values() if account.may_grant] == ["relevo"]


# --- the protocol, against a greeting taken from MariaDB 11.8.9 --------------------------------------------------

SALT = b"]1=fEb@_" + b"/2q}5Sxh*%w9"
GREETING = (
    b"\x0a11.8.9-MariaDB-deb13\0" + struct.pack("<I", 42) + SALT[:8] + b"\0" + b"\xfe\xf7\x2d\x02\0\xff\x81\x15"
    + bytes(6) + b"\x1d\0\0\0" + SALT[8:] + b"\0mysql_native_password\0"
)


def _sha1(data: bytes) -> bytes:
    return hashlib.sha1(data).digest()  # noqa: S324 - the protocol's definition


def test_salt_is_read_from_the_greeting():
    assert parse_greeting(GREETING) == SALT


def test_another_protocol_is_refused():
    with pytest.raises(ProbeFailed, match="protocol 9"):
        parse_greeting(b"\x09" + GREETING[1:])


def test_scramble_proves_the_password_to_who_keeps_its_hash():
    proof = scramble(b"secret", SALT)
    kept = bytes.fromhex(native_hash("secret")[1:])
    once = bytes(a ^ b for a, b in zip(proof, _sha1(SALT + kept), strict=True))
    assert _sha1(once) == kept


def _packet(number: int, payload: bytes) -> bytes:
    return struct.pack("<I", len(payload))[:3] + bytes([number]) + payload


def _text(*values: str) -> bytes:
    return b"".join(bytes([len(value)]) + value.encode() for value in values)


def _serve(path: Path, after_login: bytes, answer: bytes) -> threading.Thread:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def talk() -> None:
        with listener, listener.accept()[0] as connection:
            connection.sendall(_packet(0, GREETING))
            connection.recv(4096)
            connection.sendall(after_login)
            if connection.recv(4096):
                connection.sendall(answer)
                connection.recv(4096)

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    return thread


OK, END = b"\0\0\0\2\0\0\0", b"\xfe\0\0\2\0"
ROWS = (
    _packet(1, b"\2") + _packet(2, b"column") + _packet(3, b"column") + _packet(4, END)
    + _packet(5, _text("wsrep_ready", "ON")) + _packet(6, _text("wsrep_cluster_status", "Primary")) + _packet(7, END)
)


def test_a_question_is_answered(tmp_path: Path):
    thread = _serve(tmp_path / "s", _packet(2, OK), ROWS)
    with Session(str(tmp_path / "s"), "agent", "secret", Deadline(2)) as session:
        assert session.pairs("SHOW") == {"wsrep_ready": "ON", "wsrep_cluster_status": "Primary"}
        session.quit()
    thread.join(2)


def test_a_refusal_is_told_without_the_password(tmp_path: Path):
    _serve(tmp_path / "s", _packet(2, b"\xff\x15\x04#28000Access denied"), b"")
    with pytest.raises(ProbeFailed, match="Access denied") as caught:
        Session(str(tmp_path / "s"), "agent", "secret", Deadline(2))
    assert "secret" not in str(caught.value)


def test_a_silent_server_fails_at_the_deadline(tmp_path: Path):
    _serve(tmp_path / "s", b"", b"")
    with pytest.raises((ProbeFailed, TimeoutError)):
        Session(str(tmp_path / "s"), "agent", "secret", Deadline(0.2))


def test_health_wants_a_ready_node_of_the_majority():
    good = {"wsrep_ready": "ON", "wsrep_cluster_status": "Primary", "wsrep_local_state_comment": "Synced"}
    assert judge(good) == "Synced"
    for bad in ({}, {**good, "wsrep_ready": "OFF"}, {**good, "wsrep_cluster_status": "non-Primary"}):
        with pytest.raises(ProbeFailed):
            judge(bad)


@pytest.mark.parametrize(("comes", "ends_well"), [(True, True), (False, False)])
def test_a_server_that_met_nobody_in_time_may_come_at_a_later_start_of_systemd(
    comes: bool, ends_well: bool, monkeypatch: pytest.MonkeyPatch
):
    def fails(*_command: object, **_more: object) -> str:
        raise CommandFailed("it ended with 1")

    monkeypatch.setattr(server, "run", fails)
    monkeypatch.setattr(server, "is_active", lambda _name: comes)
    monkeypatch.setattr(server, "_AGAIN_SECONDS", 0)
    monkeypatch.setattr(server, "decide", lambda _seen: Decision(How.JOIN, "the others are there"))
    monkeypatch.setattr(server, "look", lambda _ctx: None)
    with nullcontext() if ends_well else pytest.raises(CommandFailed, match="it ended with 1"):
        server.start(cast("Context", None), "start")

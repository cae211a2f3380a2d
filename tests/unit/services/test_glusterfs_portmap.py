"""What glusterd's port map says of this machine's copy, by a server that says what glusterd was seen to say."""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import StreamRequestHandler, TCPServer

import pytest

from relevo.agent.probe import Deadline, ProbeFailed
from relevo.services.glusterfs.portmap import PortMap

BRICK = "/srv/relevo/brick"
# The words after the call's number, as glusterd 11.1 sent them.
KNOWN = struct.pack(">9I", 1, 0, 0, 0, 0, 0, 0, 0, 49159)
DEAF = struct.pack(">9I", 1, 0, 0, 0, 0, 0xFFFFFFFF, 0, 0, 0)
REFUSED = struct.pack(">5I", 1, 1, 1, 5, 0)  # RFC 5531: denied, by its rules of who may ask


@contextmanager
def glusterd(answer: bytes) -> Iterator[tuple[tuple[str, int], list[bytes]]]:
    """Serve one caller; yield where, and what it asked."""
    asked: list[bytes] = []

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            (length,) = struct.unpack(">I", self.rfile.read(4))
            call = self.rfile.read(length & 0x7FFFFFFF)
            asked.append(call)
            said = call[:4] + answer
            self.wfile.write(struct.pack(">I", 0x80000000 | len(said)) + said)

    with TCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        yield ("127.0.0.1", server.server_address[1]), asked
        server.timeout = 0
        thread.join()


@pytest.fixture
def info(tmp_path: Path) -> Path:
    path = tmp_path / "info"
    path.write_text("type=2\ncount=3\nstatus=1\nversion=7\n", encoding="utf-8")
    return path


def said(answer: bytes, info: Path) -> str:
    with glusterd(answer) as (where, asked):
        try:
            return PortMap(BRICK, "mail", str(info), where).check(Deadline(2))
        finally:
            assert asked[0].endswith(struct.pack(">I", len(BRICK)) + BRICK.encode() + bytes(-len(BRICK) % 4))


def test_a_copy_that_clients_find(info: Path):
    assert said(KNOWN, info) == ""


def test_a_copy_of_which_glusterd_knows_no_port(info: Path):
    with pytest.raises(ProbeFailed, match="tells nobody where this machine's copy listens"):
        said(DEAF, info)


def test_an_answer_that_is_not_understood_is_no_reason_to_restart_anything(info: Path):
    assert said(REFUSED, info) == "glusterd does not say where it listens"


@pytest.mark.parametrize("status", ["status=2", None])
def test_without_a_volume_that_was_started_nobody_is_asked(info: Path, status: str | None):
    if status is None:
        info.unlink()
    else:
        info.write_text(f"type=2\n{status}\n", encoding="utf-8")
    assert PortMap(BRICK, "mail", str(info), ("127.0.0.1", 1)).check(Deadline(1)) == "no volume is started"

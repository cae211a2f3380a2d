"""What is said to an IMAP server, and how its answers are read; these are Dovecot's words."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from relevo.directory.quarantine import store
from relevo.directory.quarantine.sight import EVERYTHING

SAID = {
    b"LOGIN": b"",
    b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n",
    b"SELECT": b"* FLAGS (\\Seen)\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY 1764374400] UIDs valid\r\n",
    b"UID": b"* SEARCH 3 7 8\r\n",
}


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[list[bytes]]:
    """What the server was told."""
    lines: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "imap"))
        listening.listen()
        thread = threading.Thread(target=_serve, args=(listening, lines), daemon=True)
        thread.start()
        yield lines


def _serve(listening: socket.socket, lines: list[bytes]) -> None:
    line, _ = listening.accept()
    with line, line.makefile("rwb") as said:
        said.write(b"* OK ready\r\n")
        said.flush()
        for text in said:
            tag, word = text.split()[:2]
            lines.append(text.partition(b" ")[2].strip())
            said.write(SAID.get(word, b"") + tag + b" OK done\r\n")
            said.flush()


def test_what_is_behind_a_number_and_of_which_mailbox(tmp_path: Path, heard: list[bytes]) -> None:
    gate = tmp_path / "gate"
    gate.symlink_to("anything")
    with store.opened(str(tmp_path / "imap"), str(gate)) as line:
        assert line.validity == 1764374400
        assert line.search(EVERYTHING, behind=7) == [8]  # `8:*` also finds the last one when it is before that
        assert line.search(EVERYTHING) == [8, 7, 3]
    assert heard[-2:] == [b"UID SEARCH CHARSET UTF-8 UNDELETED UID 8:*", b"UID SEARCH CHARSET UTF-8 UNDELETED"]

"""`relevo status --watch` as a program: an `ssh` that says what the test wants, a terminal, and Ctrl-C."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

import pytest

from tests.unit.operate.test_status import MACHINES, probe, view

DEADLINE = 30.0
# A shell has what it starts in the background ignore SIGINT, and whoever runs these tests may be started so.
COMMAND = ["env", "--default-signal=INT", sys.executable, "-m", "relevo.cli.main", "status", "--watch", "0.5"]
SSH = """#!/bin/sh
case "$*" in *192.168.100.11*) name=mail01 ;; *192.168.100.12*) name=mail02 ;; *) name=storage01 ;; esac
exec cat "{folder}/$name.json"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    (tmp_path / "relevo.toml").write_text(files("relevo.cluster").joinpath("example.toml").read_text())
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ssh").write_text(SSH.format(folder=tmp_path))
    (tmp_path / "bin" / "ssh").chmod(0o755)
    for name in MACHINES:
        say(tmp_path, name)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("RELEVO_FILE", str(tmp_path / "relevo.toml"))
    monkeypatch.delenv("COLUMNS", raising=False)
    return tmp_path


def say(folder: Path, name: str, *, good: bool = True) -> None:
    new = folder / f"{name}.new"
    new.write_text(json.dumps({"own": view(name, probe("postfix/smtp", good=good)), "peers": {}}))
    new.replace(folder / f"{name}.json")


def reads(source: int, wanted: bytes) -> bytes:
    """Read until something has come, and what came with it; fail when it does not come."""
    text, end = b"", time.monotonic() + DEADLINE
    while wanted not in text:
        assert select.select([source], [], [], max(end - time.monotonic(), 0))[0], text
        text += os.read(source, 1 << 16)
    return text


def reads_all(source: int) -> bytes:
    """Read until the program at the other side has ended; a terminal says so with EIO."""
    text, end = b"", time.monotonic() + DEADLINE
    with suppress(OSError):
        while select.select([source], [], [], max(end - time.monotonic(), 0))[0] and (more := os.read(source, 1 << 16)):
            text += more
    return text


@pytest.fixture
def in_a_pipe(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([*COMMAND, "--format", "json"], stdout=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_in_a_pipe_each_look_is_a_line_and_the_last_one_decides(folder: Path, in_a_pipe: subprocess.Popen[bytes]):
    assert in_a_pipe.stdout
    first, second = (json.loads(in_a_pipe.stdout.readline()) for _ in range(2))
    assert first["fine"]
    assert second["fine"]
    assert second["at"] > first["at"]
    say(folder, "mail02", good=False)
    end = time.monotonic() + DEADLINE
    while json.loads(in_a_pipe.stdout.readline())["fine"]:
        assert time.monotonic() < end
    in_a_pipe.send_signal(signal.SIGINT)
    assert in_a_pipe.wait(DEADLINE) == 1


@pytest.fixture
def on_a_terminal(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    terminal, inner = pty.openpty()
    with subprocess.Popen(COMMAND, stdin=inner, stdout=inner, stderr=inner) as process:
        os.close(inner)
        yield process, terminal
        process.kill()
    os.close(terminal)


def test_on_a_terminal_it_stays_in_place_until_ctrl_c(
    folder: Path, on_a_terminal: tuple[subprocess.Popen[bytes], int]
):
    process, terminal = on_a_terminal
    assert b"\x1b[?1049h" in reads(terminal, b"All that people need works.")
    say(folder, "mail02", good=False)
    reads(terminal, b"mail02: postfix/smtp: fine")
    say(folder, "mail02")
    reads(terminal, b"All that people need works.")
    process.send_signal(signal.SIGINT)
    _picture, left, below = reads_all(terminal).partition(b"\x1b[?1049l")
    assert left
    assert b"All that people need works." in below
    assert process.wait(DEADLINE) == 0

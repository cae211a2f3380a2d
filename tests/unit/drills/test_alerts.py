"""What the drill `alerts` sets up on the storage machine, and what it takes for an answer."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from types import SimpleNamespace

import pytest

from relevo.drills.promises import alerts


def said(node: str, *, kind: str = "warning") -> dict[str, str]:
    return {"title": "Relevo parati: x", "message": f"ATENCIÓN: dovecot/imap falla en {node}", "type": kind}


def told(*lines: dict[str, str], over: bool):
    text = "".join(json.dumps(line) + "\n" for line in lines)
    world = SimpleNamespace(storage_node=SimpleNamespace(run=lambda *_: text))
    return alerts._told(world, SimpleNamespace(name="mail02"), over=over)  # noqa: SLF001 - its judgement


def test_only_what_is_about_that_node_counts():
    begun, ended = said("mail02"), said("mail02", kind="success")
    assert told(over=False) is None
    assert told(said("mail01"), over=False) is None
    assert told(said("mail01"), begun, ended, over=False) == begun
    assert told(begun, over=True) is None
    assert told(begun, ended, over=True) == ended


@pytest.mark.parametrize("script", [alerts._LISTEN, alerts._MEND])  # noqa: SLF001 - the text that is run
def test_the_shell_understands_its_scripts(script: str):
    subprocess.run(["sh", "-n", "-c", script], check=True, timeout=10)


def test_the_sink_notes_what_it_is_sent(tmp_path: Path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = alerts._CODE.replace("9129", str(port)).replace(alerts._GOT, str(tmp_path / "got"))  # noqa: SLF001
    sink = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 20
        while True:
            try:
                line = HTTPConnection("127.0.0.1", port, timeout=5)
                line.request("POST", "/drill", json.dumps(said("mail02"), indent=1))
                assert line.getresponse().status == 200
                break
            except ConnectionRefusedError:
                assert time.monotonic() < end
                time.sleep(0.05)
    finally:
        sink.kill()
        sink.wait()
    assert [json.loads(one) for one in (tmp_path / "got").read_text().splitlines()] == [said("mail02")]

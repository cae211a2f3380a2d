"""From an agent's socket to people: Prometheus, Alertmanager and our own processes, with the files as rendered.

It needs the programs of Debian's packages `prometheus` and `prometheus-alertmanager`, and is left out without them.
"""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files as resources
from pathlib import Path

import pytest
from pydantic import SecretStr

from relevo.agent.server import serve
from relevo.cluster import wires
from relevo.cluster.load import parse
from relevo.cluster.secrets import Secrets
from relevo.services.base import Context, NodeFacts, Release
from relevo.services.prometheus import settings
from relevo.services.prometheus.render import render

pytest.importorskip("apprise")
PROGRAMS = {settings.UNIT: "prometheus", settings.ALERTMANAGER_UNIT: "prometheus-alertmanager"}
pytestmark = pytest.mark.skipif(not all(map(shutil.which, PROGRAMS.values())), reason="Prometheus is not installed")
PORTS = (wires.METRICS_PORT, wires.PROMETHEUS_PORT, wires.ALERTMANAGER_PORT, wires.NOTIFY_PORT)


def view(node: str, *, holder: bool = False) -> dict[str, object]:
    is_mail = node.startswith("mail")
    return {
        "node": node, "time": time.time(), "up": 9000.0, "holder": holder, "weight": 150, "drained": False,
        "keepalived": "active" if is_mail else "", "guard": {"cut": [], "open": holder, "adopts": ""},
        "took": {"last": 9000.0, "day": 1}, "probes": [],
    }


class Platform:
    """What storage01's agent would say."""

    def __init__(self) -> None:
        self.holders = {"mail01"}

    def whole(self) -> dict[str, object]:
        peers = {
            node: {"age": 0.1, "view_age": 0.0, "view": view(node, holder=node in self.holders)}
            for node in ("mail01", "mail02")
        }
        return {"own": view("storage01"), "peers": peers}


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@contextmanager
def agent(path: str, platform: Platform) -> Iterator[None]:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    task = asyncio.run_coroutine_threadsafe(serve(path, platform.whole, list, str), loop)
    try:
        yield
    finally:
        task.cancel()
        loop.call_soon_threadsafe(loop.stop)


def until(true: Callable[[], object], within: float) -> None:
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)


def get(port: int, path: str) -> tuple[int, str]:
    line = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", path)
        answer = line.getresponse()
        return answer.status, answer.read().decode()
    except OSError:
        return 0, ""
    finally:
        line.close()


def rendered(urls: str) -> dict[str, str]:
    cluster = parse(resources("relevo.cluster").joinpath("example.toml").read_text(), "example")
    secrets = Secrets(**(dict.fromkeys(Secrets.model_fields, SecretStr("")) | {"notify_urls": SecretStr(urls)}))
    facts = NodeFacts(Release("debian", "13"), interface="eth0", memory_mb=4096, cpus=2)
    return {file.path: file.data.decode() for file in render(Context(cluster, secrets, cluster.storage_node, facts))}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[Platform, ThreadingHTTPServer, list[int]]]:
    with ExitStack() as stack:
        hook = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        hook.got = []
        threading.Thread(target=hook.serve_forever, daemon=True).start()
        stack.callback(hook.shutdown)
        ports = free_ports(4)
        texts = rendered(f"json://127.0.0.1:{hook.server_address[1]}/hook")

        def here(text: str) -> str:
            """Put ports and paths of this test in place of the machine's."""
            for theirs, ours in zip(PORTS, ports, strict=True):
                text = text.replace(str(theirs), str(ours))
            return text.replace("/etc/prometheus", str(tmp_path))

        for path, text in texts.items():
            name = tmp_path / Path(path).name
            name.write_text(here(text))
        arguments = {
            unit: shlex.split(here(texts[f"/etc/default/{program}"]).partition('ARGS="')[2].rpartition('"')[0])
            for unit, program in PROGRAMS.items()
        }
        unit = texts[f"/etc/systemd/system/{settings.NOTIFY_UNIT}"]
        ways = next(line for line in unit.splitlines() if line.startswith("ExecStart="))
        notify = [sys.executable, *here(ways).replace("%d", str(tmp_path)).split()[1:]]
        path = str(tmp_path / "agent.sock")
        scrape = f"from relevo.agent.scrape import server; server({ports[0]}, {path!r}).serve_forever()"
        platform = Platform()
        stack.enter_context(agent(path, platform))
        for number, command in enumerate((
            [sys.executable, "-c", scrape],
            ["prometheus", *arguments[settings.UNIT], f"--config.file={tmp_path}/prometheus.yml",
             f"--storage.tsdb.path={tmp_path}/metrics"],
            ["prometheus-alertmanager", *arguments[settings.ALERTMANAGER_UNIT],
             f"--config.file={tmp_path}/alertmanager.yml", f"--storage.path={tmp_path}/alertmanager"],
            notify,
        )):
            log = stack.enter_context((tmp_path / f"log{number}").open("w"))
            process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | {"LANGUAGE": "es"})
            stack.callback(process.wait, 20)
            stack.callback(process.terminate)
        yield platform, hook, ports


def test_what_fails_reaches_people_and_that_it_is_over_too(world):
    platform, hook, ports = world
    _metrics, prometheus, alertmanager, notify = ports
    until(lambda: get(prometheus, "/-/ready")[0] == get(alertmanager, "/-/ready")[0] == 200, 60)
    until(lambda: get(notify, "/health") == (200, "1 ways\n"), 60)
    until(lambda: "mail02" in get(prometheus, "/api/v1/query?query=relevo_up")[1], 30)
    assert not hook.got
    platform.holders = {"mail01", "mail02"}
    until(lambda: hook.got, 90)
    assert hook.got[0]["title"] == "Relevo parati: Dos nodos tienen la IP virtual"
    assert hook.got[0]["type"] == "failure"
    assert "CRÍTICO" in hook.got[0]["message"]
    platform.holders = {"mail01"}
    until(lambda: any("terminado" in said["title"] for said in hook.got), 180)

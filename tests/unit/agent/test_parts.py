"""The agent's small parts, each against the real thing: netlink, files, sockets, systemd's notify socket."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

from relevo.agent import host_probes, probes, uptime, view
from relevo.agent import settings as settings_module
from relevo.agent.ask import ask
from relevo.agent.faults import Fault
from relevo.agent.history import DEMOTED, FORGIVEN, KEPT, TOOK, History
from relevo.agent.holder import LOOPBACK, Holder
from relevo.agent.notify import READY, notify
from relevo.agent.probe import Deadline, Probe, ProbeFailed
from relevo.agent.server import serve
from relevo.agent.standing import Outcome, Standing
from relevo.agent.weight import WeightFile
from relevo.cluster import wires
from relevo.cluster.ports import PORTS
from tests.unit.agent.waiting import until


def test_the_constants_it_can_not_import_are_the_same_as_the_wires():
    assert settings_module.CONFIG_PATH == wires.AGENT_CONFIG
    assert settings_module.SOCKET_PATH == wires.AGENT_SOCKET
    assert any(port.number == str(settings_module.PORT) and port.protocol == "tcp" for port in PORTS)


@pytest.mark.parametrize(
    ("address", "not_on", "holds"),
    [("127.0.0.1", 0, True), ("192.0.2.1", 0, False), ("127.0.0.1", LOOPBACK, False)],
)
def test_the_kernel_is_asked_for_the_address(address: str, not_on: int, holds: bool):
    told: list[bool] = []

    async def main() -> None:
        holder = Holder(address, told.append, not_on=not_on)
        holder.start(asyncio.get_running_loop())
        other = Holder("127.0.0.1", lambda _: None, not_on=0)  # its answer proves that ours has come too
        other.start(asyncio.get_running_loop())
        await until(lambda: other.holds)
        assert holder.holds is holds

    asyncio.run(main())
    assert told == [True] * holds


def test_the_weight_file_is_replaced_and_read(tmp_path: Path):
    file = WeightFile(str(tmp_path / "weight"))
    assert file.read() is None
    file.write(-254)
    assert (tmp_path / "weight").read_text() == "-254\n"
    (tmp_path / "weight").write_text("garbage")
    assert file.read() is None
    file.write(180)
    assert file.read() == 180


def test_history_survives_a_restart_and_a_torn_line(tmp_path: Path):
    path = tmp_path / "state" / "history.jsonl"
    history = History(str(path))
    history.add(TOOK, "well")
    history.add(DEMOTED, "postfix/smtp: silence")
    history.save()
    with path.open("a") as out:
        out.write('{"at": 1, "event": "to')
    again = History(str(path))
    assert [event["event"] for event in again.events] == [TOOK, DEMOTED]
    assert len(again.demotions(1000.0)) == 1
    assert 990 < again.demotions(1000.0)[0] <= 1000


def test_what_is_forgiven_counts_no_longer(tmp_path: Path):
    history = History(str(tmp_path / "history"))
    for event in (DEMOTED, DEMOTED, FORGIVEN, TOOK, DEMOTED):
        history.add(event, "why")
    assert len(history.demotions(1000.0)) == 1
    history.add(FORGIVEN, "why")
    assert history.demotions(1000.0) == ()
    assert FORGIVEN not in {event["event"] for event in history.moves()}


def test_history_does_not_grow_for_ever_and_ignores_the_future(tmp_path: Path):
    path = tmp_path / "history.jsonl"
    late = json.dumps({"at": 9e9, "event": DEMOTED, "why": "a clock that jumped"})
    path.write_text("\n".join([late] * (KEPT + 10)))
    history = History(str(path))
    assert len(history.events) == KEPT
    assert history.demotions(1000.0) == ()


def test_how_often_the_virtual_ip_came_within_a_day(tmp_path: Path):
    now = time.time()
    path = tmp_path / "history.jsonl"
    events = [(now - 90_000, TOOK), (now - 80_000, TOOK), (now - 70_000, DEMOTED), (now - 100, TOOK), (now + 500, TOOK)]
    path.write_text("".join(json.dumps({"at": at, "event": event, "why": ""}) + "\n" for at, event in events))
    took = History(str(path)).took()
    assert took["day"] == 2
    assert took["last"] == pytest.approx(100, abs=1)
    assert History(str(tmp_path / "none")).took() == {"last": None, "day": 0}


def test_the_last_moves_are_kept_apart_from_what_happens_more_often(tmp_path: Path):
    history = History(str(tmp_path / "history"))
    for event in ["lost", "took", *["ill", "well"] * 30, "silent", "opened"]:
        history.add(event, "why")
    assert [event["event"] for event in history.moves()] == ["lost", "took", "silent"]
    for _ in range(20):
        history.add(DEMOTED, "why")
    assert len(history.moves()) == 8


@pytest.mark.parametrize("name", ["systemd", "a (b) c"])
def test_the_first_process_tells_for_how_long_the_machine_is_on(tmp_path: Path, name: str):
    (tmp_path / "stat").write_text(f"1 ({name}) S " + " ".join(["0"] * 18) + " 0 0\n")
    assert uptime.seconds(tmp_path / "stat") == pytest.approx(time.clock_gettime(time.CLOCK_BOOTTIME), abs=1)
    assert 0 < uptime.seconds() <= time.clock_gettime(time.CLOCK_BOOTTIME)


@pytest.mark.parametrize("text", [None, "", "1 (x) S 0"])
def test_who_can_not_tell_it_says_nothing(tmp_path: Path, text: str | None):
    if text is not None:
        (tmp_path / "stat").write_text(text)
    assert uptime.seconds(tmp_path / "stat") is None


def test_systemd_is_told(tmp_path: Path, monkeypatch):
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(path))
        monkeypatch.setenv("NOTIFY_SOCKET", str(path))
        notify(READY)
        assert server.recv(100) == b"READY=1"
    monkeypatch.delenv("NOTIFY_SOCKET")
    notify(READY)  # started by hand: nobody to tell


WHOLE = {
    "own": {
        "node": "mail01", "time": 1000.0, "up": 500.0, "holder": True, "weight": 205, "drained": False,
        "keepalived": "active", "guard": {"cut": [], "open": True, "adopts": ""}, "took": {"last": 60.0, "day": 2},
        "probes": [],
    },
    "peers": {},
}


def test_the_socket_answers_each_question(tmp_path: Path):
    path = str(tmp_path / "agent.sock")

    async def main() -> list[str]:
        answers_of = (lambda: WHOLE, lambda: [{"event": "took"}], lambda order: f"not {order}")
        server = asyncio.create_task(serve(path, *answers_of))
        await until(lambda: Path(path).exists() and Path(path).stat().st_mode & 0o060)
        answers = [await asyncio.to_thread(ask, what, path) for what in ("view", "metrics", "history", "drain")]
        server.cancel()
        return answers

    whole, figures, events, refused = asyncio.run(main())
    assert json.loads(whole) == WHOLE
    assert 'relevo_holder{node="mail01"} 1' in figures
    assert json.loads(events) == [{"event": "took"}]
    assert json.loads(refused) == {"refused": "not drain" if os.geteuid() == 0 else "only root may give orders"}


def test_asking_an_agent_that_does_not_run_says_so(tmp_path: Path):
    with pytest.raises(OSError, match="No such file"):
        ask("view", str(tmp_path / "none.sock"))


def test_a_view_becomes_the_word_that_the_verdict_reads():
    probe = Probe("smtp", "postfix", lambda _: "")
    good = Standing(good=True, since=1.0, last=Outcome(99.0, ok=True, text="", seconds=0.01), last_success=99.0)
    fault = Fault("nginx/https", "nginx", "silence", 90.0, local=False)
    sent = {
        "weight": 150, "keepalived": "active", "seen": True, "holder": False, "drained": True,
        "probes": view.probes([(probe, good), (Probe("new", "x", lambda _: ""), Standing())], now=100.0),
        "faults": view.faults([fault]),
    }
    word = view.word(json.loads(json.dumps(sent)), came=500.0, alive=500.4)
    assert word.ready
    assert word.drained
    assert word.weight == 150
    assert word.bad == {"nginx/https"}
    assert word.succeeded == {"postfix/smtp": 499.0}
    assert word.heard == 500.4
    with pytest.raises(KeyError):
        view.word({"weight": 1}, came=0, alive=0)


@pytest.mark.parametrize(("keepalived", "seen", "started", "begins"), [
    ("active", False, 0.4, True),
    ("unknown", False, 0.1, True),  # systemd has not said yet whether it runs: the first words of an agent are so
    ("inactive", False, 0.4, False),
    ("active", True, 0.4, False),
    ("active", False, 5.0, False),
    ("unknown", False, 5.0, False),
])
def test_an_agent_that_has_just_begun_has_a_word_to_say(keepalived: str, seen: bool, started: float, begins: bool):
    sent = {"weight": 0, "keepalived": keepalived, "seen": seen, "started": started, "holder": True}
    sent |= {"probes": [], "faults": []}
    assert view.word(sent, came=500.0, alive=500.0).begins is begins


@pytest.mark.parametrize("node", ["mail01", "storage01"])
def test_the_probes_of_a_node_load_without_heavy_libraries(settings, node: str):
    own = settings(node)
    code = (
        "import json, sys\n"
        "import relevo.agent.__main__\n"
        "from relevo.agent import probes, settings\n"
        "own = settings.parse(json.load(sys.stdin))\n"
        "probes.use_bare_packages(own.services)\n"
        "found = probes.of_node(own.services, own.config)\n"
        "assert not [p for p in found if p.name == 'health'], [p.check for p in found if p.name == 'health']\n"
        "heavy = {'pydantic', 'jinja2', 'django', 'pyinfra', 'cryptography', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, input=json.dumps(own.config), text=True)


def test_a_health_module_with_a_defect_is_a_probe_that_fails(tmp_path: Path):
    folder = tmp_path / "services"
    (folder / "broken").mkdir(parents=True)
    (folder / "broken" / "health.py").write_text("import no_such_module\n")
    found = probes.of_node(("broken", "absent"), defaultdict(str, roles="storage"), folder)
    broken = found[0]
    assert not broken.vital
    with pytest.raises(ProbeFailed, match="its probes can't be made"):
        broken.check(Deadline(1))


def test_the_machine_itself_is_asked():
    names = {probe.name for probe in host_probes.probes({"roles": "storage"})}
    assert names == {"disk", "memory"}
    everything = host_probes.probes({"roles": "mail", "mail_mount": "/"})
    for probe in everything:
        assert probe.check(Deadline(5))
    copies = host_probes.probes({"roles": "storage", "storage_kind": "glusterfs", "storage_brick": "/srv"})
    assert [probe.name for probe in copies if not probe.vital] == ["memory", "copy-disk"]


def test_how_full_the_disks_are_is_counted():
    said = host_probes.probes({"roles": "storage"})[0].check(Deadline(5))
    assert set(said.figures) == {"disk_free_ratio", "inodes_free_ratio"}
    assert 0 < said.figures["disk_free_ratio"]["/"] <= 1


def test_a_full_disk_is_seen(monkeypatch):
    monkeypatch.setattr(host_probes, "LEAST_FREE_BYTES", 1 << 80)
    with pytest.raises(ProbeFailed, match="/ is full") as caught:
        host_probes.probes({"roles": "storage"})[0].check(Deadline(5))
    assert caught.value.figures["disk_free_ratio"]["/var"] > 0

"""The figures that Prometheus reads, and how it gets them."""

from __future__ import annotations

import asyncio
import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from prometheus_client.parser import text_string_to_metric_families

from relevo.agent import metrics, scrape
from relevo.agent.probe import Measured, Probe, ProbeFailed
from relevo.agent.runner import _run
from relevo.agent.server import serve
from relevo.agent.standing import Standing, advance
from relevo.agent.view import probes
from relevo.cluster import wires
from tests.unit.agent.waiting import until


def view(node: str, **changes: Any) -> dict[str, Any]:
    is_mail = node.startswith("mail")
    return {
        "node": node, "time": 1000.0, "up": 500.0, "holder": False, "weight": 150, "drained": False,
        "keepalived": "active" if is_mail else "", "guard": {"cut": [], "open": False, "adopts": ""},
        "took": {"last": None, "day": 0}, "probes": [],
    } | changes


def heard(said: dict[str, Any] | None, age: float | None = 0.1) -> dict[str, Any]:
    return {"view": said, "age": age, "view_age": age}


def figures(whole: dict[str, Any]) -> dict[str, dict[tuple[str, ...], float]]:
    """Return the values by name and by the values of their labels."""
    return {
        family.name: {tuple(sample.labels.values()): sample.value for sample in family.samples}
        for family in text_string_to_metric_families(metrics.exposition(whole))
    }


def test_every_machine_is_told_with_its_label():
    mail01 = view("mail01", holder=True, weight=205, guard={"cut": ["mail02"], "open": True, "adopts": "mail02"},
                  took={"last": 61.5, "day": 2}, time=1002.4)
    found = figures({"own": view("storage01", guard={"cut": ["mail02"], "open": False, "adopts": ""}),
                     "peers": {"mail01": heard(mail01), "mail02": heard(None, None)}})
    assert found["relevo_up"] == {("storage01",): 1, ("mail01",): 1, ("mail02",): 0}
    assert found["relevo_peer_age_seconds"] == {("storage01",): 0, ("mail01",): 0.1}
    assert found["relevo_mail_node"] == {("storage01",): 0, ("mail01",): 1}
    assert found["relevo_holder"] == {("mail01",): 1}
    assert found["relevo_weight"] == {("mail01",): 205}
    assert found["relevo_gate_open"] == {("mail01",): 1}
    assert found["relevo_adopts"] == {("mail01", "mail02"): 1}
    assert found["relevo_cut_off"] == {("mail02", "storage01"): 1, ("mail02", "mail01"): 1}
    assert found["relevo_took_seconds"] == {("mail01",): 61.5}
    assert found["relevo_took_day"] == {("mail01",): 2}
    assert found["relevo_clock_offset_seconds"] == {("storage01",): 0, ("mail01",): 2.5}


def test_what_a_silent_machine_said_before_is_not_told():
    peers = {"mail01": heard(view("mail01", holder=True), metrics.SILENT_SECONDS + 1)}
    found = figures({"own": view("storage01"), "peers": peers})
    assert found["relevo_up"][("mail01",)] == 0
    assert found["relevo_peer_age_seconds"][("mail01",)] == 6
    assert "relevo_holder" not in found


def test_an_agent_that_speaks_another_version_takes_nobody_elses_figures_away():
    strange = {"node": "mail01", "guard": 7}
    peers = {"mail01": heard(strange), "mail02": heard(view("mail02", holder=True))}
    whole = {"own": view("storage01"), "peers": peers}
    assert figures(whole)["relevo_holder"] == {("mail02",): 1}


def test_probes_tell_whether_how_fast_and_when_and_what_they_counted():
    counted = {"disk_free_ratio": {"/": 0.5}, "certificate_days": {"": 9.0}}
    counts = Probe("disk", "host", lambda _: Measured("fine", counted))
    standing = advance(Standing(), _run(counts))
    said = probes([(counts, standing), (Probe("new", "x", lambda _: ""), Standing())], standing.since + 2)
    whole = {"own": view("storage01", probes=json.loads(json.dumps(said))), "peers": {}}
    found = figures(whole)
    assert found["relevo_probe_good"] == {("storage01", "host", "host/disk", "yes"): 1}
    assert found["relevo_probe_age_seconds"] == {("storage01", "host", "host/disk", "yes"): 2}
    assert found["relevo_disk_free_ratio"] == {("storage01", "/"): 0.5}
    assert found["relevo_certificate_days"] == {("storage01",): 9}


def test_a_probe_that_fails_tells_what_it_counted_too():
    def full(_: object) -> str:
        raise ProbeFailed("full", {"disk_free_ratio": {"/": 0.0}})

    outcome = _run(Probe("disk", "host", full))
    assert not outcome.ok
    assert outcome.figures == {"disk_free_ratio": {"/": 0.0}}
    assert _run(Probe("other", "host", lambda _: "fine")).figures == {}


def test_odd_names_are_escaped():
    probe = {"name": 'a"b\\c\nd', "service": "x", "vital": True, "good": True, "took": None, "age": None}
    found = figures({"own": view("storage01", probes=[probe]), "peers": {}})
    assert ("storage01", "x", 'a"b\\c\nd', "yes") in found["relevo_probe_good"]


@contextmanager
def listening(path: str) -> Iterator[str]:
    server = scrape.server(0, path)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def fetch(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own server
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_prometheus_reads_the_agent_through_the_listener(tmp_path: Path):
    path = str(tmp_path / "agent.sock")

    async def main() -> tuple[int, str]:
        whole = {"own": view("storage01"), "peers": {"mail01": heard(view("mail01", holder=True))}}
        server = asyncio.create_task(serve(path, lambda: whole, list, str))
        await until(lambda: Path(path).exists())
        with listening(path) as address:
            answer = await asyncio.to_thread(fetch, f"{address}/metrics")
        server.cancel()
        return answer

    code, text = asyncio.run(main())
    assert code == 200
    assert 'relevo_holder{node="mail01"} 1' in text.splitlines()


def test_without_an_agent_the_scrape_fails(tmp_path: Path):
    with listening(str(tmp_path / "none")) as address:
        assert fetch(f"{address}/metrics")[0] == 503
        assert fetch(f"{address}/")[0] == 404


def test_the_port_is_the_wires():
    assert scrape.PORT == wires.METRICS_PORT


@pytest.mark.parametrize("missing", ["took", "drained"])
def test_an_older_agent_is_told_as_far_as_it_says(missing: str):
    said = view("mail01", holder=True)
    del said[missing]
    found = figures({"own": view("storage01"), "peers": {"mail01": heard(said)}})
    assert found["relevo_holder"] == {("mail01",): 1}

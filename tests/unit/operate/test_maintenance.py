"""What apt and Postfix say, read from captured output; how long a machine's sessions are waited for."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from relevo.agent.handover import LONGEST_SECONDS
from relevo.cluster.model import Cluster, Node
from relevo.operate import maintenance
from relevo.operate.maintenance import Maintenance, Upgrade, delivers, upgrades_in

APT = """\
Reading package lists...
Building dependency tree...
The following packages will be upgraded:
  libssl3t64 openssl
Inst openssl [3.5.1-1] (3.5.1-1+deb13u1 Debian-Security:13/stable-security [amd64]) []
Inst libssl3t64 [3.5.1-1] (3.5.1-1+deb13u1 Debian-Security:13/stable-security [amd64])
Inst linux-image-6.12.48 (6.12.48-1 Debian:13.1/stable [amd64])
Conf openssl (3.5.1-1+deb13u1 Debian-Security:13/stable-security [amd64])
"""


def test_what_would_be_upgraded_is_told_without_what_would_be_new():
    assert upgrades_in(APT) == (
        Upgrade("openssl", "3.5.1-1", "3.5.1-1+deb13u1"), Upgrade("libssl3t64", "3.5.1-1", "3.5.1-1+deb13u1"),
    )
    assert upgrades_in("Reading package lists...\n") == ()


def test_what_is_deferred_is_not_waited_for():
    line = '{"queue_name": "%s", "queue_id": "4jbP", "recipients": []}\n'
    assert delivers(line % "deferred" + line % "active")
    assert delivers(line % "incoming")
    assert not delivers(line % "deferred" + line % "hold")
    assert not delivers("")


class Clock:
    """A time that passes when somebody sleeps."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class AgentThatGives:
    """A way to a node that is drained, and hands over for so many seconds since one of its sessions never pauses."""

    def __init__(self, clock: Clock, seconds: float):
        self._clock, self._seconds = clock, seconds

    def run(self, node: Node, command: Sequence[str], *, within: float) -> str:  # noqa: ARG002 - as the real one
        own = {"holder": False, "drained": True, "handover": {"gives": self._clock.now < self._seconds}}
        return json.dumps({"own": own})


def test_a_drained_node_is_waited_for_as_long_as_its_agent_lets_a_session_go_on(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch,
):
    clock = Clock()
    monkeypatch.setattr(maintenance, "time", clock)
    ssh = AgentThatGives(clock, LONGEST_SECONDS)
    Maintenance(cluster, ssh, print).until_left(cluster.mail_nodes[0])
    assert clock.now >= LONGEST_SECONDS

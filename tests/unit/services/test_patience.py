"""`failover.patience`: all that is waited for on a slow platform takes longer by one factor, wherever it is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from relevo.services import SERVICES
from relevo.services.base import Context
from relevo.services.glusterfs.settings import volume_options

Make = Callable[[str], Context]


def files(context: Context, patience: float) -> dict[str, str]:
    """Return what a node gets from a platform that is so patient."""
    cluster = context.cluster
    patient = cluster.model_copy(update={"failover": cluster.failover.model_copy(update={"patience": patience})})
    own = replace(context, cluster=patient, node=patient.nodes[context.node.name])
    wanted = (service for service in SERVICES if service.runs_on(patient, own.node))
    return {file.path: file.data.decode() for service in wanted for file in service.render(own)}


@pytest.mark.parametrize("node", ["mail01", "storage01"])
def test_who_notices_what_and_when_grows_together(context: Make, node: str):
    usual, slow = files(context(node), 1), files(context(node), 10)
    changed = {path for path in slow if usual.get(path) != slow[path]}
    expected = {
        "/etc/relevo/agent.json", "/etc/systemd/system.conf.d/relevo.conf", "/etc/systemd/system/relevo-agent.service",
    }
    if node == "storage01":
        expected |= {"/etc/default/garb", "/etc/systemd/system/garb.service.d/relevo.conf"}
    else:
        expected |= {
            "/etc/keepalived/keepalived.conf", "/etc/mysql/mariadb.conf.d/90-relevo.cnf",
            *(f"/etc/systemd/system/{unit}.service.d/relevo.conf" for unit in ("mariadb", "postfix", "dovecot")),
            *(f"/etc/systemd/system/relevo-{unit}.service" for unit in ("storage", "adopted-store", "adopted-queue")),
            *(f"/etc/systemd/system/relevo-{unit}.service" for unit in ("view", "web")),  # wait for the agent
        }
    assert changed == expected
    assert json.loads(slow["/etc/relevo/agent.json"])["patience"] == "10"
    if node == "mail01":
        assert "Environment=RELEVO_PATIENCE=10\n" in slow["/etc/systemd/system/relevo-view.service"]
    assert "WatchdogSec=20\n" in slow["/etc/systemd/system/relevo-agent.service"]
    assert "DefaultTimeoutStartSec=900\n" in slow["/etc/systemd/system.conf.d/relevo.conf"]


def test_a_slow_nodes_adverts_and_database(context: Make):
    slow = files(context("mail01"), 2.5)
    assert "advert_int 0.25\n" in slow["/etc/keepalived/keepalived.conf"]
    assert "evs.suspect_timeout=PT2.5S" in slow["/etc/mysql/mariadb.conf.d/90-relevo.cnf"]


def test_the_mail_store_waits_for_whole_seconds(context: Make):
    cluster = context("mail01").cluster
    slow = cluster.model_copy(update={"failover": cluster.failover.model_copy(update={"patience": 2.5})})
    options, usual = volume_options(slow), volume_options(cluster)
    assert options["network.ping-timeout"] == "3"
    assert options["client.tcp-user-timeout"] == "5"
    assert options["client.keepalive-count"] == usual["client.keepalive-count"] == "2"

from __future__ import annotations

from itertools import pairwise

import pytest

from relevo.cluster.model import Cluster
from relevo.deploy.events import CHANGE, Event
from relevo.deploy.plan import Plan, services_of, stages, switch_stages
from relevo.services import SERVICES


def test_relevo_itself_and_packages_come_before_all_services(cluster: Cluster):
    assert [stage.service for stage in stages(cluster, None)][:2] == ["relevo", "packages"]


@pytest.mark.parametrize("active", [None, "mail01", "mail02"])
def test_every_node_gets_each_of_its_services_once(cluster: Cluster, active: str | None):
    for node in cluster.peers:
        got = [s.service for s in stages(cluster, active) for wave in s.waves if node.name in wave]
        assert sorted(got) == sorted(services_of(cluster, node))


@pytest.mark.parametrize("active", ["mail01", "mail02"])
def test_with_an_active_node_one_machine_at_a_time_and_the_active_one_last(cluster: Cluster, active: str):
    for stage in stages(cluster, active):
        assert all(len(wave) == 1 for wave in stage.waves)
        order = [wave[0] for wave in stage.waves]
        assert active not in order[:-1]
        assert "storage01" not in order[1:]


def test_stages_keep_the_order_of_the_services(cluster: Cluster):
    positions = {service.name: index for index, service in enumerate(SERVICES)}
    found = [positions[s.service] for s in stages(cluster, None) if s.service in positions]
    assert all(a < b for a, b in pairwise(found))


def test_a_new_database_starts_on_one_node_first(cluster: Cluster):
    mariadb = next(s for s in stages(cluster, None) if s.service == "mariadb")
    assert mariadb.waves == (("mail01",), ("mail02",))


def _moving(cluster: Cluster, kind: str, moving_to: str) -> Cluster:
    return cluster.with_storage(cluster.storage.model_copy(update={"kind": kind, "moving_to": moving_to}))


@pytest.mark.parametrize("active", ["mail01", "mail02"])
def test_a_volume_that_is_built_beside_the_present_store_is_made_when_all_machines_are_ready(
    cluster: Cluster, active: str
):
    for stage in stages(_moving(cluster, "nfs", "glusterfs"), active):
        if stage.service == "glusterfs":
            assert stage.waves == (("mail02", "storage01"), ("mail01",))
        else:
            assert all(len(wave) == 1 for wave in stage.waves)


def test_both_kinds_of_storage_are_built_while_mail_is_moved(cluster: Cluster):
    both = services_of(_moving(cluster, "glusterfs", "nfs"), cluster.storage_node)
    assert {"glusterfs", "nfs"} <= set(both)
    assert "nfs" not in services_of(_moving(cluster, "glusterfs", "external"), cluster.storage_node)


@pytest.mark.parametrize("active", ["mail01", "mail02"])
def test_the_switch_goes_through_one_machine_at_a_time_and_the_active_one_before_the_standby(
    cluster: Cluster, active: str
):
    for stage in switch_stages(cluster, active):
        assert all(len(wave) == 1 for wave in stage.waves)
        order = [wave[0] for wave in stage.waves]
        assert sorted(order) == sorted(name for wave in
                                       next(s for s in stages(cluster, active) if s.service == stage.service).waves
                                       for name in wave)
        if active in order:
            assert set(order[: order.index(active)]) <= {"storage01"}


def test_a_plan_is_empty_when_no_node_changes():
    assert Plan({"mail01": [], "mail02": []}).empty
    plan = Plan({"mail01": [], "mail02": [Event(CHANGE, "postfix", "main.cf", "", "-a\n+b")]})
    assert not plan.empty
    assert plan.to_json() == [
        {"node": "mail02", "service": "postfix", "step": "main.cf", "detail": "", "diff": "-a\n+b"}
    ]

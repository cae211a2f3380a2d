from __future__ import annotations

from dataclasses import replace

import pytest

from relevo.services.base import Release
from relevo.services.base_os.memory import memory_advice
from relevo.services.base_os.render import render
from relevo.services.base_os.settings import KERNEL
from tests.unit.services.golden import check_golden

NODES = ("mail01", "mail02", "storage01")


def content(ctx, path):
    return next(file.data.decode() for file in render(ctx) if file.path == path)


@pytest.mark.parametrize("node", NODES)
def test_golden(context, node):
    check_golden("base_os", context(node))


def test_no_machine_has_the_name_of_the_virtual_ip_on_loopback(context, cluster):
    lines = [line.split() for line in content(context("mail01"), "/etc/hosts").splitlines() if line[:1].isdigit()]
    assert [words[0] for words in lines if cluster.hostname in words] == [cluster.vip]
    assert ["192.168.100.11", "mail01.chocolatesparati.com.bo", "mail01"] in lines


def test_the_storage_machine_serves_time_to_the_mail_nodes_only(context):
    served = content(context("storage01"), "/etc/chrony/chrony.conf")
    assert "allow 192.168.100.11" in served
    assert "allow 192.168.100.12" in served
    assert "server 192.168.100.10 iburst" not in served
    asks = content(context("mail01"), "/etc/chrony/chrony.conf")
    assert "server 192.168.100.10 iburst" in asks
    assert "allow" not in asks


def test_a_pool_gives_many_servers_and_a_name_one(context, cluster):
    section = cluster.cluster.model_copy(update={"time_servers": ("ntp.agetic.gob.bo", "0.pool.ntp.org")})
    ctx = replace(context("mail01"), cluster=cluster.model_copy(update={"cluster": section}))
    text = content(ctx, "/etc/chrony/chrony.conf")
    assert "\nserver ntp.agetic.gob.bo iburst" in text
    assert "\npool 0.pool.ntp.org iburst" in text


def test_debian_12_has_its_locale_elsewhere(context):
    ctx = context("mail01")
    older = replace(ctx, facts=replace(ctx.facts, release=Release("debian", "12")))
    assert "/etc/default/locale" in {file.path for file in render(older)}


def test_every_kernel_setting_has_its_reason_in_the_file(context):
    text = content(context("mail01"), "/etc/sysctl.d/60-relevo.conf")
    assert all(f"# {setting.reason}\n{setting.name} = {setting.value}\n" in text for setting in KERNEL)


@pytest.mark.parametrize(
    ("node", "memory_kb", "swap_kb", "little"),
    [("mail01", 4 << 20, 0, False), ("mail01", 2 << 20, 0, True), ("mail01", 2 << 20, 2 << 20, False),
     ("storage01", 2 << 20, 0, False), ("storage01", 1 << 19, 0, True)],
)
def test_little_memory_is_said_with_what_to_do(context, node, memory_kb, swap_kb, little):
    meminfo = f"MemTotal:       {memory_kb} kB\nMemFree: 1 kB\nSwapTotal:      {swap_kb} kB\n"
    assert ("add memory" in memory_advice(meminfo, context(node))) == little

"""A kernel's NFS and what happens to its locks: virtual machines with a mail store of kind `nfs`, nothing above it.

Real kernels on both sides: nfsd on the storage machine, the NFS client of both mail nodes, power that is cut. Figures
are printed as they are measured (`make test-vm` shows them). RELEVO_VM_LAB names another folder than .lab/kernel, and
RELEVO_VM_SUITE the Debian of new machines.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from relevo.cluster import load
from relevo.cluster.model import Node
from relevo.cluster.wires import MAIL_MOUNT, RELEVO_ROOT
from relevo.deploy import itself, packages
from relevo.deploy.plan import services_of
from relevo.deploy.rollout import Rollout, connect
from relevo.lab.local import LocalLab
from relevo.lab.machines import allow_time

pytestmark = pytest.mark.vm
FOLDER = Path(os.environ.get("RELEVO_VM_LAB", Path(__file__).parents[2] / ".lab" / "kernel"))
BELOW = (itself.NAME, packages.NAME, "base_os", "nfs", "storage")  # what a mail store of this kind stands on
FILE = f"{MAIL_MOUNT}/mailboxes/kernel-test"
# What the lock is worth without us: nfsd keeps a dead client's until its lease has ended.
LEASE_SECONDS, SLOW = 10.0, 6.0

HOLD = f"""
import fcntl, os, time
file = os.open("{FILE}", os.O_RDWR | os.O_CREAT, 0o660)
fcntl.lockf(file, fcntl.LOCK_EX)
number = 0
while True:
    number += 1
    os.write(file, b"first %06d\\n" % number)
    os.fsync(file)
    with open("/run/held", "w") as note:
        note.write(str(number))
    time.sleep(0.2)
"""
TAKE = f"""
import fcntl, os, sys, time
begun = time.monotonic()
file = os.open("{FILE}", os.O_RDWR)
while True:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        break
    except OSError:
        if time.monotonic() - begun > 120:
            sys.exit("the lock was never free")
    time.sleep(0.02)
print(round(time.monotonic() - begun, 2))
os.lseek(file, 0, os.SEEK_END)
os.write(file, b"second\\n")
os.fsync(file)
"""
EXPIRE = """
import time
from relevo.agent.nfs_clients import expire
begun = time.monotonic()
print(expire("{address}"), round(time.monotonic() - begun, 3))
"""


@pytest.fixture(scope="module")
def lab() -> Iterator[LocalLab]:
    """Have three virtual machines with the mail store on kernel NFS; they end with the tests."""
    lab = LocalLab(FOLDER, suite=os.environ.get("RELEVO_VM_SUITE", ""))
    lab.up("vm", "nfs")
    allow_time(slow=lab.is_slow)
    try:
        with connect(FOLDER / "relevo.toml", "tests of kernel NFS", lambda _sentence: None) as rollout:
            for service in BELOW:
                with ThreadPoolExecutor() as pool:
                    list(pool.map(partial(apply, rollout, service), rollout.cluster.peers))
        yield lab
    finally:
        lab.down()


def apply(rollout: Rollout, service: str, node: Node) -> None:
    if service in services_of(rollout.cluster, node):
        rollout.workers[node.name].order("apply", service, lambda _event: None)


@pytest.fixture
def held(lab: LocalLab) -> Iterator[None]:
    """Have mail01 write to a file that it has locked; mail02 has seen that there was none."""
    run(lab, "mail02", "rm", "-f", FILE)
    run(lab, "mail01", "rm", "-f", "/run/held")
    run(lab, "mail01", "systemd-run", "--collect", "--unit=hold", "python3", "-c", HOLD)
    until(lambda: run(lab, "mail01", "cat", "/run/held"), "mail01 to write")
    yield
    run(lab, "mail01", "sh", "-c", "systemctl stop hold.service 2>/dev/null || :")


def run(lab: LocalLab, node: str, *command: str) -> str:
    done = lab.run(node, command, within=60)
    return done.stdout.strip() if done.returncode == 0 else ""


def until(condition: Callable[[], object], what: str, within: float = 300) -> None:
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.5)


def cut_off(lab: LocalLab, node: str) -> tuple[int, float]:
    """Have nfsd let go of a machine, as the agent of the storage machine does; return how many clients, in seconds."""
    address = load.load(FOLDER / "relevo.toml").nodes[node].address
    there = f"PYTHONPATH={RELEVO_ROOT}/code/current"
    told = run(lab, "storage01", "env", there, "python3", "-B", "-c", EXPIRE.format(address=address)).split()
    return int(told[0]), float(told[1])


def take(lab: LocalLab) -> float:
    """Have mail02 take the lock and write; return after how many seconds it had it."""
    done = lab.run("mail02", ["python3", "-c", TAKE], within=180)
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


def boot(lab: LocalLab, node: str) -> None:
    lab.start(node)
    until(lambda: run(lab, node, "systemctl", "is-active", "relevo-storage.service") == "active", f"{node}'s mount")


def figure(text: str, seconds: float) -> None:
    print(f"\n{text}: {seconds:.2f} s")  # noqa: T201 - figures are what these tests are run for


def test_what_a_dead_node_held_is_free_when_its_lease_ends(lab: LocalLab, held: None):
    lab.crash("mail01")
    took = take(lab)
    figure("a dead node's lock, nobody expires it", took)
    boot(lab, "mail01")
    assert LEASE_SECONDS / 2 < took < LEASE_SECONDS * 3


def test_what_a_dead_node_held_is_free_at_once_when_it_is_expired(lab: LocalLab, held: None):
    lab.crash("mail01")
    count, seconds = cut_off(lab, "mail01")
    took = take(lab)
    figure("nfsd lets go of a dead node", seconds)
    figure("a dead node's lock, once it was expired", took)
    boot(lab, "mail01")
    assert count == 1
    assert took < SLOW / 2


def test_who_was_cut_off_writes_no_more_when_it_is_back(lab: LocalLab, held: None):
    lab.cut("mail01")
    try:
        count, _ = cut_off(lab, "mail01")
        took = take(lab)
    finally:
        lab.heal("mail01")
    figure("the lock of a node that lives and was cut off", took)
    assert count == 1
    until(lambda: run(lab, "mail01", "systemctl", "is-active", "hold.service") != "active", "mail01 to be refused")
    lines = run(lab, "mail02", "cat", FILE).splitlines()
    assert lines[-1] == "second", lines[-3:]
    assert all(line.startswith("first ") for line in lines[:-1])


def test_a_storage_machine_without_power_for_a_minute_loses_nothing(lab: LocalLab, held: None):
    lab.crash("storage01")
    written = int(run(lab, "mail01", "cat", "/run/held"))
    time.sleep(30)  # the length of the outage is the test
    assert int(run(lab, "mail01", "cat", "/run/held")) <= written + 1, "who writes waits"
    lab.start("storage01")
    began = time.monotonic()
    until(lambda: int(run(lab, "mail01", "cat", "/run/held")) > written + 5, "mail01 to go on")
    figure("from the storage machine's boot until writes go on", time.monotonic() - began)
    last = int(run(lab, "mail01", "cat", "/run/held"))
    numbers = [int(line.split()[1]) for line in run(lab, "mail02", "cat", FILE).splitlines()]
    assert numbers[:last] == list(range(1, last + 1))

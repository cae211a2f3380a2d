"""What one machine of the running lab sends to another can be dropped, and that way only."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from relevo.lab.contract import CLIENT
from relevo.lab.local import LocalLab
from relevo.lab.workspace import default_folder

pytestmark = pytest.mark.lab
LISTEN = """
import socket
ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
ear.bind(("", 9999))
ear.settimeout(3)
ear.recv(10)
"""


@pytest.fixture
def lab() -> LocalLab:
    return LocalLab(default_folder())


def client_hears(lab: LocalLab, sender: str) -> bool:
    """Whether a datagram of the sender comes to the client; nobody needs to answer for that."""
    to = lab.status()[CLIENT].address
    with ThreadPoolExecutor() as pool:
        ear = pool.submit(lab.run, CLIENT, ["python3", "-c", LISTEN])
        time.sleep(1)
        lab.run(sender, ["bash", "-c", f"echo hello > /dev/udp/{to}/9999"])
        return ear.result().returncode == 0


def test_what_is_dropped_is_one_way(lab: LocalLab):
    to = lab.status()[CLIENT].address
    known = f"echo > /dev/udp/{to}/9; sleep 0.2; ip neigh show {to} | sed 's/.*lladdr //; s/ .*//'"
    hardware = lab.run("storage01", ["bash", "-c", known]).stdout.strip()
    lab.run("storage01", ["ip", "neigh", "replace", to, "lladdr", hardware, "nud", "permanent", "dev", "eth0"])
    try:
        lab.block(CLIENT, "storage01")
        assert client_hears(lab, "storage01")
        lab.block("storage01", CLIENT)
        assert not client_hears(lab, "storage01")
        assert client_hears(lab, "mail01")
    finally:
        for sender, receiver in (("storage01", CLIENT), (CLIENT, "storage01")):
            lab.unblock(sender, receiver)
            lab.unblock(sender, receiver)  # what passes may be let pass again
        lab.run("storage01", ["ip", "neigh", "del", to, "dev", "eth0"])
    assert client_hears(lab, "storage01")

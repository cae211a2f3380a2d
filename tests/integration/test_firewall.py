"""The firewall of a machine of the lab takes its rules anew, while another machine goes on connecting to it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from relevo.lab.local import LocalLab
from relevo.lab.workspace import default_folder

pytestmark = pytest.mark.integration

OURS, OTHER, ADDRESS = "mail02", "mail01", "192.168.100.12"
TIMES = 15
# Connects anew every few milliseconds to a port that is open for this machine, and to one that is for nobody, until a
# line comes; says how often it tried, was kept out, and was let in where it should not have been.
KNOCK = """\
import select, socket, sys
tries = kept_out = let_in = 0
while not select.select([sys.stdin], [], [], 0.005)[0]:
    for port, is_open, patience in ((9119, True, 0.9), (10099, False, 0.01)):
        with socket.socket() as one:
            one.settimeout(patience)
            got = one.connect_ex((sys.argv[1], port)) == 0
        kept_out += is_open and not got
        let_in += got and not is_open
    tries += 1
    if tries == 1:
        print("goes on", flush=True)
print(tries, kept_out, let_in)
"""
LOAD = f"""\
import socket
from relevo.services.firewall.load import load
with socket.create_server(("0.0.0.0", 10099)):
    for _ in range({TIMES}):
        load()
"""
STRAY = ["ufw-user-input", "-p", "tcp", "--dport", "9", "-j", "ACCEPT"]


@pytest.fixture(scope="module")
def lab() -> LocalLab:
    return LocalLab(Path(default_folder()))


def rules(lab: LocalLab) -> str:
    return "".join(lab.run(OURS, [tool, "-S"], within=30).stdout for tool in ("iptables", "ip6tables"))


def take_anew(lab: LocalLab) -> None:
    done = lab.run(OURS, ["/opt/relevo/current/bin/python", "-c", LOAD], within=120)
    assert done.returncode == 0, done.stderr


def test_rules_are_taken_anew_without_a_moment_with_too_few_or_too_many(lab: LocalLab):
    before = rules(lab)
    assert "-N ufw-user-input" in before
    command = lab.machine_command(OTHER, ["python3", "-c", KNOCK, ADDRESS])
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as knocking:
        assert knocking.stdout is not None
        assert knocking.stdout.readline() == "goes on\n"
        take_anew(lab)
        said, _none = knocking.communicate("enough\n", timeout=30)
    tries, kept_out, let_in = map(int, said.split())
    assert (kept_out, let_in) == (0, 0), f"of {tries}"
    assert tries > TIMES
    assert rules(lab) == before


def test_a_rule_of_somebody_else_goes(lab: LocalLab):
    before = rules(lab)
    assert lab.run(OURS, ["iptables", "-I", *STRAY], within=30).returncode == 0
    assert rules(lab) != before
    take_anew(lab)
    assert rules(lab) == before

"""A lock that the mail store's mount loses on a copy that came back empty: the agents see to it that all goes on."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from relevo.agent.healing import RESTS_FILE
from relevo.agent.history import RECONNECTS
from relevo.agent.lost_locks import AGAIN_SECONDS
from relevo.agent.mount_files import MOUNT_PID_FILE
from relevo.agent.probe import LONG_WAIT_SECONDS
from relevo.drills.waiting import eventually
from relevo.lab.local import LocalLab
from relevo.lab.workspace import default_folder

pytestmark = pytest.mark.integration

WRITER, EMPTIED, OTHER, EMPTIED_ADDRESS = "mail01", "storage01", "mail02", "192.168.100.10"
MOUNT, BRICK, NAME = "/srv/mail/mailboxes", "/srv/relevo/brick", "relevo-test-locks"
HISTORY = "/var/lib/relevo/agent-history.jsonl"
WITHIN = LONG_WAIT_SECONDS + 2 * AGAIN_SECONDS
HANG_SECONDS = 10.0
# Six programs, counted among Dovecot's, two a file, have it open and write to it, with a lock of their own on it and
# without, until each has waited for long once and gone on after it, or nothing of the kind has come. Says how long each
# waited at most.
WRITE = """\
import fcntl, json, os, random, sys, time
folder, hang, within = sys.argv[1], *map(float, sys.argv[2:])
os.makedirs(folder, exist_ok=True)
with open("/sys/fs/cgroup/system.slice/dovecot.service/cgroup.procs", "w") as group:
    group.write(str(os.getpid()))
def write(number):
    file = os.open(f"{folder}/{number // 2}", os.O_RDWR | os.O_CREAT | os.O_APPEND)
    end, longest = time.monotonic() + within, 0.0
    while longest < hang and time.monotonic() < end:
        began = time.monotonic()
        for _ in range(2):
            fcntl.lockf(file, fcntl.LOCK_EX)
            os.write(file, b"locked")
            os.fsync(file)
            fcntl.lockf(file, fcntl.LOCK_UN)
            os.write(file, b"not locked")
        longest = max(longest, time.monotonic() - began)
        time.sleep(random.uniform(0.2, 0.8))
    return longest
found = []
for number in range(6):
    ours, theirs = os.pipe()
    if os.fork() == 0:
        os.write(theirs, json.dumps(write(number)).encode())
        os._exit(0)
    os.close(theirs)
    found.append(ours)
print("goes on", flush=True)
print(json.dumps([json.loads(os.read(one, 100)) for one in found]))
"""
# The brick ends, the folder's files on it are lost, and it begins again.
LOSE = """\
import os, pathlib, signal, subprocess, sys, time, uuid
brick, name = pathlib.Path(sys.argv[1]), sys.argv[2]
for file in pathlib.Path("/run/gluster/vols/mail").glob("*.pid"):
    os.kill(int(file.read_text()), signal.SIGKILL)
for file in (brick / "mailboxes" / name).iterdir():
    own = str(uuid.UUID(bytes=os.getxattr(file, "trusted.gfid")))
    (brick / ".glusterfs" / own[:2] / own[2:4] / own).unlink()
    file.unlink()
start = ["gluster", "--mode=script", "volume", "start", "mail", "force"]
end = time.monotonic() + 20
while subprocess.run(start).returncode:  # another machine's may be under way
    assert time.monotonic() < end
    time.sleep(0.5)
"""
# As services/glusterfs/blame.py, of the folder alone.
BLAME = """\
import os, pathlib, struct, sys, uuid
brick, name = pathlib.Path(sys.argv[1]), sys.argv[2]
folder = brick / "mailboxes" / name
os.setxattr(folder, "trusted.afr.mail-client-2", struct.pack(">III", 1, 1, 1))
index = brick / ".glusterfs/indices/xattrop"
own = index / str(uuid.UUID(bytes=os.getxattr(folder, "trusted.gfid")))
if not own.exists():
    os.link(next(index.glob("xattrop-*")), own)
"""


@pytest.fixture(scope="module")
def lab() -> LocalLab:
    return LocalLab(Path(default_folder()))


@pytest.fixture
def folder(lab: LocalLab) -> Iterator[str]:
    path = f"{MOUNT}/{NAME}"
    yield path
    lab.run(WRITER, ["rm", "-rf", path], within=60)


def carry_out(lab: LocalLab, node: str, program: str) -> None:
    done = lab.run(node, ["python3", "-c", program, BRICK, NAME], within=60)
    assert done.returncode == 0, done.stderr


def connections(lab: LocalLab) -> str:
    """Return the mount's connections to the brick that is emptied; the one to glusterd was for its beginning only."""
    pid = lab.run(WRITER, ["cat", str(MOUNT_PID_FILE)], within=30).stdout.strip()
    listed = lab.run(WRITER, ["ss", "-Htnp", "state", "established", "dst", EMPTIED_ADDRESS], within=30).stdout
    ends = (" ".join(line.split()[2:4]) for line in listed.splitlines() if f"pid={pid}," in line)
    return "\n".join(sorted(ends))


def files(lab: LocalLab) -> list[str]:
    return sorted(lab.run(EMPTIED, ["ls", f"{BRICK}/mailboxes/{NAME}"], within=30).stdout.split())


def behind(lab: LocalLab, node: str) -> list[str]:
    found = lab.run(node, ["ls", f"{BRICK}/.glusterfs/indices/xattrop"], within=30).stdout.split()
    return [name for name in found if not name.startswith("xattrop-")]


def is_calm(lab: LocalLab) -> bool:
    """Tell whether the mount reaches the copy, nothing is to be copied, and no self-heal daemon rests."""
    rests = ["test", "-e", RESTS_FILE]
    resting = [lab.run(node, rests, within=30).returncode == 0 for node in (WRITER, OTHER, EMPTIED)]
    return bool(connections(lab)) and not any(resting) and not behind(lab, WRITER) and not behind(lab, OTHER)


def reconnected(lab: LocalLab) -> int:
    told = "".join(lab.run(node, ["cat", HISTORY], within=30).stdout for node in (WRITER, OTHER))
    return sum(json.loads(line)["event"] == RECONNECTS for line in told.splitlines())


def test_programs_that_hang_go_on_and_the_copy_becomes_whole(lab: LocalLab, folder: str):
    eventually(lambda: is_calm(lab), within=60, what="the agents to have nothing to mend")
    before, first = reconnected(lab), connections(lab)
    command = lab.machine_command(WRITER, ["python3", "-c", WRITE, folder, str(HANG_SECONDS), str(WITHIN)])
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writing:
        assert writing.stdout is not None
        assert writing.stdout.readline() == "goes on\n"
        eventually(lambda: files(lab) == ["0", "1", "2"], within=30, what="the files on the copy")
        carry_out(lab, EMPTIED, LOSE)
        # the mount finds the brick again before the files are there
        eventually(lambda: connections(lab) not in {"", first}, within=30, what="the mount to find the copy again")
        for node in (WRITER, OTHER):
            carry_out(lab, node, BLAME)
        said, _none = writing.communicate(timeout=WITHIN + 60)
    waits = json.loads(said)
    assert max(waits) > HANG_SECONDS, f"nothing hung, so nothing is shown: {waits}"
    assert max(waits) < WITHIN, waits
    assert reconnected(lab) > before
    for node in (WRITER, OTHER):
        eventually(lambda node=node: not behind(lab, node), within=60, what=f"what {node} has to be copied")

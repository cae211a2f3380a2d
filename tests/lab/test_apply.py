"""Plan and apply on the running lab: the second apply changes nothing, and what a killed one left the next finishes."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from relevo.lab.local import LocalLab
from relevo.lab.workspace import default_folder

pytestmark = pytest.mark.lab

FOLDER = default_folder()
FILE = FOLDER / "relevo.toml"
RELEVO = [sys.executable, "-m", "relevo.cli.main"]
PENDING = 3
SEED = 20261124

HOLD_THE_LOCK = """
import fcntl, sys
file = open("/run/relevo-apply.lock", "a+")
fcntl.flock(file, fcntl.LOCK_EX)
file.truncate(0)
file.write("ana@laptop since noon (upgrade)")
file.flush()
print("held", flush=True)
sys.stdin.read()
"""


def relevo(*words: str, within: float = 600, file: Path = FILE) -> subprocess.CompletedProcess[str]:
    command = [*RELEVO, *words, "--file", str(file)]
    return subprocess.run(command, capture_output=True, text=True, timeout=within, check=False)


@pytest.fixture(scope="module", autouse=True)
def applied() -> None:
    done = relevo("apply")
    assert done.returncode == 0, done.stderr


@pytest.fixture
def lab() -> LocalLab:
    return LocalLab(FOLDER)


def test_right_after_an_apply_nothing_would_change_on_any_node():
    done = relevo("plan", "--format", "json")
    assert json.loads(done.stdout) == []
    assert done.returncode == 0


def test_a_change_made_by_hand_is_seen_and_put_right(lab: LocalLab):
    lab.run("mail02", ["sh", "-c", "echo '# by hand' >> /etc/postfix/main.cf"])
    seen = relevo("plan", "--format", "json")
    assert seen.returncode == PENDING
    assert {(c["node"], c["service"], c["step"]) for c in json.loads(seen.stdout)} == {
        ("mail02", "postfix", "/etc/postfix/main.cf")
    }
    assert "-# by hand" in seen.stdout
    assert relevo("apply").returncode == 0
    assert relevo("plan").returncode == 0


def test_no_secret_is_in_a_plan_of_changed_secrets(lab: LocalLab):
    lab.run("mail02", ["sh", "-c", "echo >> /etc/relevo/secrets.toml; echo >> /etc/postfix/sql/mailboxes.cf; :"])
    shown = relevo("plan", "--format", "json").stdout
    lines = (FOLDER / "relevo-secrets.toml").read_text().splitlines()
    secrets = [line.split("'''")[1] for line in lines if "'''" in line]
    assert not [value for value in secrets if len(value) > 8 and value in shown]
    assert relevo("apply").returncode == 0


def test_an_apply_killed_at_random_moments_is_finished_by_the_next(lab: LocalLab):
    rng = random.Random(SEED)  # noqa: S311 - moments, not secrets
    files = "/etc/postfix/main.cf /etc/dovecot/dovecot.conf /etc/amavis/conf.d/60-relevo"
    spoil = f"for f in {files}; do echo '# x' >> $f; done"
    for _ in range(5):
        lab.run("mail01", ["sh", "-c", spoil])
        lab.run("mail02", ["sh", "-c", spoil])
        killed = subprocess.Popen(
            [*RELEVO, "apply", "--file", str(FILE)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(rng.uniform(2, 12))  # the moment of the kill is what is random here
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()
        done = relevo("apply")
        assert done.returncode == 0, done.stderr
        assert relevo("plan").returncode == 0


def test_a_second_apply_is_refused_and_told_who_is_at_work(lab: LocalLab):
    holder = subprocess.Popen(
        lab.machine_command("mail02", ["python3", "-c", HOLD_THE_LOCK]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    try:
        done = relevo("apply")
    finally:
        holder.communicate()
    assert done.returncode == 1
    assert "mail02: locked by ana@laptop since noon (upgrade)" in done.stderr


def test_a_machine_that_does_not_answer_is_one_sentence_and_nothing_is_changed(lab: LocalLab, tmp_path: Path):
    for name in ("relevo-secrets.toml", "ssh_config"):
        (tmp_path / name).write_text((FOLDER / name).read_text())
        (tmp_path / name).chmod(0o600)
    text = FILE.read_text()
    (tmp_path / "relevo.toml").write_text(text)
    lab.cut("mail02")
    try:
        done = relevo("apply", file=tmp_path / "relevo.toml")
    finally:
        lab.heal("mail02")
    assert done.returncode == 1
    assert "mail02: 192.168.100.12: it does not answer" in done.stderr
    assert "Nothing was changed." in done.stderr


def test_a_wrong_key_is_one_sentence(tmp_path: Path):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    (tmp_path / "relevo.toml").write_text(FILE.read_text())
    (tmp_path / "relevo-secrets.toml").write_text((FOLDER / "relevo-secrets.toml").read_text())
    (tmp_path / "relevo-secrets.toml").chmod(0o600)
    config = (FOLDER / "ssh_config").read_text().replace(str(FOLDER / "key"), str(tmp_path / "key"))
    (tmp_path / "ssh_config").write_text(config)
    done = relevo("apply", file=tmp_path / "relevo.toml")
    assert done.returncode == 1
    assert "mail01: 192.168.100.11: it refuses our key" in done.stderr

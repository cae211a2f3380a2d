"""The tutorial is followed to the letter, from three bare machines to the first message, in a lab of its own.

Its commands are taken from the page, and their answers compared with it. What is not as at a reader's: the machines
have no internet, and may be emulated, so after `relevo init` the file gets the keys that this asks for; "your own
computer" is this one, in the network of the lab's client, except for the installation. RELEVO_TUTORIAL_DRIVER and
RELEVO_TUTORIAL_SUITE say what the machines are, as the options of `relevo lab up`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from tests.lab.tutorial import Step, steps

from relevo.cluster.new import fill
from relevo.lab.local import LocalLab
from relevo.lab.workspace import Driver, Workspace, closed_network, cluster_text, slow_machines

pytestmark = pytest.mark.lab

CLONE = Path(__file__).parents[2]
PAGE = CLONE / "docs" / "tutorial" / "three-machines.md"
FOLDER = CLONE / ".lab" / "tutorial"
WITHIN = {"nspawn": 900, "vm": 7200}
PAGE_WITHIN = {"nspawn": 60, "vm": 300}
# Keeps what a shell knows from one command to the next: the folder it is in, and what it has exported.
SHELL = """
[ ! -e "$STATE/environment" ] || . "$STATE/environment"
[ ! -e "$STATE/folder" ] || cd "$(cat "$STATE/folder")"
eval "$0"; code=$?
pwd > "$STATE/folder"; export -p > "$STATE/environment"
exit $code
"""


class Reader:
    """Somebody who types what the page says, at a computer in the machines' network."""

    def __init__(self, lab: LocalLab, home: Path, driver: str) -> None:
        self.lab, self.home, self._within, self._page_within = lab, home, WITHIN[driver], PAGE_WITHIN[driver]
        self._state = home / "state"
        for folder in (self._state, home / ".ssh", home / "bin"):
            folder.mkdir(parents=True)
        self._own_ssh()
        left_out = shutil.ignore_patterns(".*", "__pycache__", "report", "*.egg-info")
        shutil.copytree(CLONE, home / "clone", ignore=left_out)
        (self._state / "folder").write_text(str(home / "clone"))

    def _own_ssh(self) -> None:
        """Have ssh(1) find the reader's key and known hosts: it looks for them where the account's home is."""
        known = f"UserKnownHostsFile={self.home}/.ssh/known_hosts"
        options = ("StrictHostKeyChecking=accept-new", "LogLevel=ERROR", known)
        words = " ".join(f"-o {option}" for option in options)
        self._program("ssh", f'exec /usr/bin/ssh -i {FOLDER}/key {words} "$@"')
        if not shutil.which("sudo"):
            self._program("sudo", 'exec "$@"')  # the reader is root

    def _program(self, name: str, script: str) -> None:
        path = self.home / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def types(self, step: Step) -> str:
        """Run a command as a shell does, and return what it wrote, on both outputs."""
        command = ["bash", "-c", SHELL, step.command]
        argv = command if step.where == "install" else self.lab.client_command(command)
        done = subprocess.run(
            argv, env=self._environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
            timeout=self._within,
        )
        assert done.returncode == 0, f"`{step.command}` ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def _environment(self) -> dict[str, str]:
        cache = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
        return {
            "PATH": f"{self.home}/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.home), "STATE": str(self._state),
            "COLUMNS": "160", "LANGUAGE": "en", "LC_ALL": "C.UTF-8", "XDG_CACHE_HOME": cache,
        }

    def fits_the_lab(self) -> None:
        """Write into the new cluster file what a network without internet asks for, and slow machines."""
        path = Path((self._state / "folder").read_text().strip()) / "relevo.toml"
        keys = {**closed_network(), **(slow_machines() if self.lab.is_slow else {})}
        path.write_text(fill(path.read_text(encoding="utf-8"), keys), encoding="utf-8")

    def writes_the_first_message(self) -> None:
        """Do in a browser what the page asks for."""
        visit = CLONE / "tests" / "lab" / "first_message.py"
        self.types(Step(f"'{sys.executable}' '{visit}' {self._page_within}"))


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    driver = os.environ.get("RELEVO_TUTORIAL_DRIVER", "nspawn")
    workspace = Workspace(FOLDER)
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = cluster_text().replace("chocolatesparati.com.bo", "example.org")
    workspace.cluster_file.write_text(text, encoding="utf-8")
    lab = LocalLab(FOLDER, suite=os.environ.get("RELEVO_TUTORIAL_SUITE", ""))
    try:
        lab.up(cast("Driver", driver))
        yield Reader(lab, tmp_path / "home", driver)
    finally:
        lab.down()
        shutil.rmtree(FOLDER)


def test_the_tutorial_is_true(reader: Reader):
    for step in steps(PAGE):
        if step.hook == "the first message":
            reader.writes_the_first_message()
            continue
        said = reader.types(step)
        assert step.is_answered_by(said), f"`{step.command}` answers otherwise than the page says:\n{said}"
        if step.command.startswith("relevo init"):
            reader.fits_the_lab()

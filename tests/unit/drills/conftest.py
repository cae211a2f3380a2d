"""A world whose machines answer from memory: it notes what was asked of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from relevo.agent.planned import UNDRAIN
from relevo.cluster import secrets
from relevo.cluster.model import Cluster
from relevo.cluster.secrets import Secrets
from relevo.cluster.wires import ASK_AGENT
from relevo.deploy.shell import CommandFailed
from relevo.drills.vocabulary import World
from relevo.drills.waiting import NotHere


@dataclass
class MemoryPlatform:
    """mail01 holds the virtual IP; a command with a word of `broken` fails, with one of `says` gets its text."""

    in_lab: bool = True
    file: Path = Path("relevo.toml")
    asked: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    says: dict[str, str] = field(default_factory=dict)
    drained: set[str] = field(default_factory=set)

    def run(self, node: str, command: Sequence[str], *, within: float, stdin: str | None) -> str:
        del within
        line = f"{node}: {' '.join(command)}"
        self.asked.append(line)
        self.given += [stdin] if stdin else []
        if any(word in line for word in self.broken):
            raise CommandFailed(f"{line} is broken")
        if said := next((said for word, said in self.says.items() if word in line), ""):
            return said
        if tuple(command[:-1]) == ASK_AGENT:
            return self._agent(node, command[-1])
        return "2: eth0 inet 192.168.100.100/24" if node == "mail01" and "address show" in line else ""

    def _agent(self, node: str, order: str) -> str:
        self.drained -= {node} if order == UNDRAIN else set()
        return json.dumps({"own": {"drained": node in self.drained}}) if order == "view" else ""

    def relevo(self, *arguments: str, within: float, file: Path | None = None) -> str:
        del within, file
        self.asked.append(f"relevo {' '.join(arguments)}")
        return ""

    def renew(self, node: str, suite: str = "") -> None:
        self.asked.append(f"{node}: RENEW {suite}".strip())

    def crash(self, node: str) -> None:
        if not self.in_lab:
            raise NotHere("only in a lab")
        self.asked.append(f"{node}: CRASH")

    def shut_down(self, node: str) -> None:
        self.asked.append(f"{node}: SHUT DOWN")

    def boot(self, node: str) -> None:
        self.asked.append(f"{node}: BOOT")

    def unplug(self, node: str, *, unplugged: bool) -> None:
        self.asked.append(f"{node}: {'UNPLUG' if unplugged else 'PLUG IN'}")

    def pause(self, node: str, *, paused: bool) -> None:
        self.asked.append(f"{node}: {'PAUSE' if paused else 'GO ON'}")

    def hang(self, node: str, unit: str, *, hung: bool) -> None:
        self.asked.append(f"{node}: {'HANG' if hung else 'THAW'} {unit}")

    def block(self, sender: str, receiver: str, *, blocked: bool) -> None:
        self.asked.append(f"{sender}: {'BLOCK' if blocked else 'UNBLOCK'} {receiver}")

    def fill(self, node: str, brick: str, *, full: bool) -> None:
        self.asked.append(f"{node}: {'FILL' if full else 'EMPTY'} {brick}")


@pytest.fixture(scope="session")
def real_secrets(cluster: Cluster) -> Secrets:
    return secrets.generate(cluster)


@pytest.fixture
def platform() -> MemoryPlatform:
    return MemoryPlatform()


@pytest.fixture
def world(cluster: Cluster, real_secrets: Secrets, platform: MemoryPlatform) -> World:
    return World.of(cluster, real_secrets, platform)

"""What every lab driver can do. Drills and the CLI know only this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Protocol

CLIENT = "client"  # the machine outside of the platform: its clients, and a foreign mail server with a zone of its own
OUTSIDE_DOMAIN = "outside.example"
OUTSIDE_MAILBOX = f"visitor@{OUTSIDE_DOMAIN}"
OUTSIDE_MAILDIR = "/srv/outside/Maildir"  # on the client: what arrived for OUTSIDE_MAILBOX


@dataclass(frozen=True)
class MachineState:
    """How a machine of the lab is.

    `state` is what `systemctl is-system-running` says there, or `off` or `frozen`; `memory` is in bytes, without page
    cache; `cut` is true while its network cable is pulled.
    """

    name: str
    address: str
    state: str
    memory: int
    cut: bool


class Lab(Protocol):
    """Three machines and a client on one computer.

    Node names are those of the cluster file, and CLIENT. Every call raises LabError with one sentence when it can't do
    its work.
    """

    folder: Path  # holds relevo.toml, relevo-secrets.toml, ssh_config and the key

    def up(self) -> None:
        """Make and boot the machines, or boot those that are off; returns when SSH answers on each."""

    def down(self) -> None:
        """End and delete the machines; nothing of them is left on this computer but the cached image.

        The cluster file, the secrets and the key stay in the folder.
        """

    def status(self) -> Mapping[str, MachineState]:
        """Return the state of each machine."""

    def run(
        self, node: str, command: Sequence[str], *, within: float = 60, stdin: str | None = None
    ) -> CompletedProcess[str]:
        """Run a command in a machine, not by its network; raises LabError only when it could not be run in time."""

    def machine_command(self, node: str, command: Sequence[str]) -> list[str]:
        """Return the argument list that runs a command in a machine, not by its network."""

    def client_command(self, command: Sequence[str]) -> list[str]:
        """Return the argument list that runs one of THIS computer's programs in the client's network."""

    def crash(self, node: str) -> None:
        """Cut the power: the network is gone first, then all processes at once."""

    def shut_down(self, node: str) -> None:
        """Switch a machine off in order, as `systemctl poweroff` does; returns when it is off."""

    def start(self, node: str) -> None:
        """Boot a machine that is off; returns when SSH answers."""

    def renew(self, node: str, suite: str = "") -> None:
        """Put a new machine with an empty disk in the place of one, on or off; returns when SSH answers.

        `suite`: its Debian; that of the old machine without it.
        """

    def cut(self, node: str) -> None:
        """Pull the network cable."""

    def heal(self, node: str) -> None:
        """Put the network cable back."""

    def block(self, sender: str, receiver: str) -> None:
        """Drop all that one machine sends to another; what comes the other way passes. Stays over a reboot of them."""

    def unblock(self, sender: str, receiver: str) -> None:
        """Let it pass again."""

    def freeze(self, node: str, unit: str = "") -> None:
        """Stop all processes of a unit from running, or of the whole machine when no unit is given.

        They are not ended and get no signal: the kernel's freezer holds them, connections stay open.
        """

    def thaw(self, node: str, unit: str = "") -> None:
        """Let them go on."""

"""Reach the nodes with the system's OpenSSH client, so that the operator's keys, agents and jump hosts just work."""

from __future__ import annotations

import contextlib
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from relevo.cluster.model import Cluster, Node
from relevo.deploy.shell import CommandFailed, allow, ended, patience, too_long
from relevo.errors import UnreachableError
from relevo.i18n import _, gettext_noop

_CONNECT_SECONDS = 8
_SSH_FAILED = 255  # ssh's own exit code when it could not connect or log in
_WHY = (
    (
        "Permission denied",
        gettext_noop("it refuses our key: put your public key into its authorized_keys, or name the user in [ssh]"),
    ),
    (
        "REMOTE HOST IDENTIFICATION HAS CHANGED",
        gettext_noop(
            "its host key is not the one we know: if the machine was installed anew, remove the old "
            "key with ssh-keygen -R"
        ),
    ),
    (
        "Host key verification failed",
        gettext_noop("its host key is not known: log in once by hand with ssh and compare the key"),
    ),
    ("timed out", gettext_noop("it does not answer: is it on, and is the address right?")),
    ("No route to host", gettext_noop("there is no way to it: is it on, and is the address right?")),
    ("Connection refused", gettext_noop("no SSH server listens there: install openssh-server, or correct [ssh] port")),
    ("Could not resolve", gettext_noop("its name can't be resolved: correct the SSH configuration")),
    (
        "a password is required",
        gettext_noop("sudo asks for a password there: allow it without one, or connect as root"),
    ),
)


class Ssh:
    """Connections to the nodes of one cluster, one shared by all commands to a node. Use it as a context manager."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        """Take the cluster and the folder of its file, to which `ssh.config` is relative.

        Commands to slow machines, and what waits for them, get the time that the cluster file says.
        """
        allow(cluster.failover.patience)
        self._settings = cluster.ssh
        self._folder = folder
        self._sockets = Path(tempfile.mkdtemp(prefix="relevo-ssh-"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the shared connections."""
        for socket in self._sockets.glob("*"):
            command = ["ssh", "-o", f"ControlPath={socket}", "-O", "exit", "unused"]
            with contextlib.suppress(subprocess.TimeoutExpired):
                subprocess.run(command, capture_output=True, timeout=5, check=False)
        shutil.rmtree(self._sockets, ignore_errors=True)

    def command(self, node: Node, argv: Sequence[str], *, terminal: bool = False) -> list[str]:
        """Return the argument list that runs a command on a node, as root."""
        options = [
            "-o",
            "BatchMode=yes",
            "-o",
            f"ConnectTimeout={_CONNECT_SECONDS}",
            "-o",
            "ServerAliveInterval=5",
            "-o",
            "ServerAliveCountMax=6",
            "-o",
            "ControlMaster=auto",
            "-o",
            f"ControlPath={self._sockets}/%C",
            "-o",
            "ControlPersist=30",
            "-o",
            "LogLevel=ERROR",
            *(["-t"] if terminal else ["-T"]),
        ]
        if self._settings.config:
            target = ["-F", str(self._folder / self._settings.config), node.name]
        else:
            target = ["-p", str(self._settings.port), f"{self._settings.user}@{node.address}"]
        sudo = [] if self._settings.user == "root" else ["sudo", "-n", "--"]
        return ["ssh", *options, *target, shlex.join([*sudo, *argv])]

    def run(self, node: Node, argv: Sequence[str], *, within: float = 60, stdin: str | bytes | None = None) -> str:
        """Run a command on a node and return its stdout.

        Raises:
            UnreachableError: the node does not answer or refuses us.
            CommandFailed: the command failed there, or was still running after `within` seconds.
        """
        data = stdin.encode() if isinstance(stdin, str) else stdin
        within *= patience()
        try:
            done = subprocess.run(
                self.command(node, argv),
                input=data,
                stdin=subprocess.DEVNULL if data is None else None,
                capture_output=True,
                timeout=within,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CommandFailed(f"{node.name}: {too_long(argv, within)}") from None
        said = done.stderr.decode(errors="replace").strip()
        if done.returncode == _SSH_FAILED:
            raise unreachable(node, said)
        if done.returncode:
            raise CommandFailed(f"{node.name}: {ended(argv, done.returncode, said[-1500:])}")
        return done.stdout.decode(errors="replace")

    def passthrough(self, node: Node, argv: Sequence[str], *, stdin: str | None = None, terminal: bool = False) -> int:
        """Run a command on a node with our own stdout and stderr; return its exit code."""
        done = subprocess.run(
            self.command(node, argv, terminal=terminal),
            input=stdin,
            text=True,
            check=False,
        )
        if done.returncode == _SSH_FAILED:
            raise unreachable(node, "")
        return done.returncode

    def open(self, node: Node, argv: Sequence[str], stderr: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start a command on a node with pipes for stdin and stdout; what it says on stderr goes to that file."""
        return subprocess.Popen(
            self.command(node, argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
        )


def unreachable(node: Node, said: str) -> UnreachableError:
    """Turn what ssh said into one sentence with what to do."""
    for sign, advice in _WHY:
        if sign.lower() in said.lower():
            return UnreachableError(node.name, f"{node.address}: {_(advice)}")
    text = _("{address} can't be reached by SSH: {said}")
    last = said.splitlines()[-1] if said else _("no word from it")
    return UnreachableError(node.name, text.format(address=node.address, said=last))

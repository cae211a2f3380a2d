"""What the agent asks the mail store: to write, read and remove a small file on it.

A file system whose storage is gone may let its caller hang for ever, beyond the reach of any signal. So a child process
of its own touches the mount, started once and used for every check; when it hangs, the probe fails at its deadline and
goes on failing until that child has ended. There is never more than one.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
from pathlib import Path

from relevo.agent.probe import NO_ROOM, AgentConfig, Deadline, NoAnswer, NoRoom, Probe, ProbeFailed

_CHILD = str(Path(__file__).with_name("touch.py"))
_LONGEST_ANSWER = 4096


class StoreProbe:
    """The check and its child; one thread at a time uses it."""

    def __init__(self, mount: str, folder: str) -> None:
        """Take the mount point and this node's own folder on it."""
        self._command = [sys.executable, "-I", "-S", _CHILD, mount, folder]
        self._child: subprocess.Popen[bytes] | None = None
        self._given_up = False

    def check(self, deadline: Deadline) -> str:
        """Have the child touch the store; raise ProbeFailed when it can't, or not in time.

        A full store is there all the same: mail in it can be read, and the other node has no more room. That there is
        none is the machine's own probe `mail-disk` to say.
        """
        child = self._usable_child()
        try:
            answer = _ask(child, deadline)
        except NoAnswer:
            self.close()
            raise
        except (ProbeFailed, OSError) as error:
            self.close()
            raise ProbeFailed(str(error)) from None
        if answer == "full":
            return NoRoom(NO_ROOM)
        if answer != "ok":
            raise ProbeFailed(answer or "the child that touches the store has ended")
        return "written and read"

    def close(self) -> None:
        """Give the child up; it ends at once, or when the store lets it go."""
        self._given_up = True
        if self._child:
            self._child.kill()

    def _usable_child(self) -> subprocess.Popen[bytes]:
        if self._child and self._child.poll() is None:
            if self._given_up:
                raise NoAnswer("an earlier access to the store still hangs")
            return self._child
        if self._child:
            _close_pipes(self._child)
        self._child = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self._given_up = False
        return self._child


def _ask(child: subprocess.Popen[bytes], deadline: Deadline) -> str:
    """Send one request and return the answer; nothing when the child has ended."""
    if child.stdin is None or child.stdout is None:
        raise ProbeFailed("the child that touches the store has no pipes")
    child.stdin.write(b"touch\n")
    ready, _, _ = select.select([child.stdout], [], [], deadline.left())
    if not ready:
        raise NoAnswer("the store did not answer in time")
    return os.read(child.stdout.fileno(), _LONGEST_ANSWER).decode(errors="replace").strip()


def _close_pipes(child: subprocess.Popen[bytes]) -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe:
            pipe.close()


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes. The deadline is longer than the storage's own stall when another machine dies (1 to 2 s)."""
    store = StoreProbe(config["mail_mount"], f"{config['shared_state']}/{config['node']}")
    return (Probe("mail store", "storage", store.check, unit=config["storage_unit"], every=1, timeout=3),)

"""The writers of the drill `owners` on both mail nodes: start them, stop them, read what they left, remove everything.

A book is what is written during one schedule. It has a chapter for the mailbox and one for the queue of each mail node:
a folder of the mail store with a log and the files, and on each node, outside of the store, the notes of what was
acknowledged. Every command has a deadline.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from relevo.cluster.wires import (
    ADOPTED_MOUNT,
    AGENT_SOCKET,
    ASK_AGENT,
    LMTP_PORT,
    MAIL_MOUNT,
    RELEVO_PYTHON,
    SHARED_STATE,
    SPOOL,
)
from relevo.drills import writer
from relevo.drills.nodes import Damage, Node
from relevo.drills.vocabulary import World, eventually
from relevo.drills.writelog import Account, judge, read_notes
from relevo.errors import RelevoError
from relevo.i18n import _

UNIT = "relevo-drill-owner"
STORE = f"{SHARED_STATE}/drill-owners"
LOCAL = "/var/lib/relevo-drill-owners"  # a reboot leaves it
MAILBOX = "mailbox"
ADOPTED_SPOOL = f"{SPOOL}-adopted"  # services/adoption
_PID = "pid/master.pid"
BEGIN_SECONDS = 30.0  # from the start of the writers to the first line
_NEW_BOOK = """
set -e
rm -rf "$0"
for chapter in "$@"; do
  mkdir -p -m 0700 "$0/$chapter/tmp" "$0/$chapter/new"
  : > "$0/$chapter/log"
done
"""
_START = f"""
set -e
mkdir -p -m 0700 {LOCAL}
cat > {LOCAL}/writer.py
systemctl stop {UNIT}.service 2> /dev/null || :
systemctl reset-failed {UNIT}.service 2> /dev/null || :
for attempt in 1 2 3; do  # systemd may not have forgotten the last one yet
  systemd-run --quiet --collect --unit={UNIT} \
    --property=Restart=always --property=RestartSec=3 --property=TimeoutStopSec=5 \
    {RELEVO_PYTHON} {LOCAL}/writer.py "$@" && exit
  sleep 0.5
done
exit 1
"""
_STOP = f"systemctl stop {UNIT}.service 2> /dev/null || ! systemctl is-active --quiet {UNIT}.service"
_READ = 'test ! -e "$0" || cat "$0"'
_CLEAR_NODE = f"""
systemctl stop {UNIT}.service 2> /dev/null
systemctl reset-failed {UNIT}.service 2> /dev/null
rm -rf {LOCAL}
"""
_TESTIMONIES = {"history": (*ASK_AGENT, "history"), "journal": ("journalctl", "-n", "300", "--no-pager", "-u", UNIT)}


@dataclass(frozen=True)
class Chapter:
    """What one schedule left: the log, the names of the files, and by node the notes of what was acknowledged."""

    name: str
    log: str
    files: str
    notes: dict[str, str]

    def judged(self) -> Account:
        """Return what is found in it."""
        acknowledged = [delivery for notes in self.notes.values() for delivery in read_notes(notes)]
        return judge(self.log, acknowledged, frozenset(self.files.split()))


class Writers:
    """Both of them. They outlive every `restore` of the drill but the last, after `leave`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._number = 0
        self._queues = {node.name: f"queue-{node.name}" for node in world.mail_nodes}
        self._chapters = (MAILBOX, *self._queues.values())

    @property
    def _folder(self) -> str:
        return f"{STORE}/{self._number}"

    def _notes(self, chapter: str) -> str:
        return f"{LOCAL}/{self._number}.{chapter}.notes"

    def clear_away(self) -> None:
        """Remove what an earlier run has left that was killed."""
        for node in self._world.mail_nodes:
            _clear_node(node)
        _clear_store(self._world.active)

    def begin(self, number: int) -> None:
        """Open a new book, start both, and wait for the first line; raise DrillError when none comes."""
        self._number = number
        self._world.active.run("sh", "-c", _NEW_BOOK, self._folder, *self._chapters, within=30)
        for node in self._world.mail_nodes:
            self._start(node)
        eventually(self._has_lines, within=BEGIN_SECONDS, what=_("the first line of the writers"), every=0.5)

    def go_on(self) -> None:
        """Start those that a power cut has ended."""
        for node in self._world.mail_nodes:
            if not node.is_active(f"{UNIT}.service"):
                self._start(node)

    def stop(self) -> None:
        """End both; what one has in hand fails for it, or is done."""
        for node in self._world.mail_nodes:
            node.run("sh", "-c", _STOP, within=30)

    def read(self) -> list[Chapter]:
        """Return what they wrote, the mailbox first, as the active node sees it."""
        active = self._world.active
        return [self._read(active, chapter) for chapter in self._chapters]

    def _read(self, active: Node, chapter: str) -> Chapter:
        folder, notes = f"{self._folder}/{chapter}", self._notes(chapter)
        return Chapter(
            chapter,
            log=active.run("cat", f"{folder}/log", within=60),
            files=active.run("find", f"{folder}/new", "-type", "f", "-printf", "%f\\n", within=120),
            notes={node.name: node.run("sh", "-c", _READ, notes, within=60) for node in self._world.mail_nodes},
        )

    def close(self) -> None:
        """Remove the book."""
        self._world.active.run("rm", "-rf", self._folder, within=300)
        for node in self._world.mail_nodes:
            node.run("rm", "-f", *map(self._notes, self._chapters), within=30)

    def leave(self) -> None:
        """See to it that the next `restore` ends both and removes all that they ever made, and says so if it can't."""
        # Of a node's damages the latest is mended first; the nodes come one after the other. The first one may meet a
        # writer of the other that still makes files, the last one may be without the store: so both try.
        first, last = self._world.mail_nodes
        for node, clear in ((first, _try_to_clear_store), (last, _clear_store)):
            node.damages.append(Damage(partial(clear, node), lasts=True))
            node.damages.append(Damage(partial(_clear_node, node), lasts=True))

    def _start(self, node: Node) -> None:
        text = Path(writer.__file__).read_text(encoding="utf-8")
        node.run("sh", "-c", _START, "start", json.dumps(self._jobs(node)), stdin=text, within=30)

    def _jobs(self, node: Node) -> list[writer.Job]:
        """Return what a node's writer does: mailbox, its own queue, and the other's while that is adopted here."""
        other = next(one for one in self._world.mail_nodes if one is not node)
        own, adopted = self._queues[node.name], self._queues[other.name]
        jobs: list[writer.Job] = [
            {"folder": f"{self._folder}/{MAILBOX}", "vip": node.vip, "port": LMTP_PORT, "agent": AGENT_SOCKET},
            {"folder": f"{self._folder}/{own}", "pid_file": f"{SPOOL}/{_PID}"},
            {"folder": f"{self._folder}/{adopted}".replace(MAIL_MOUNT, ADOPTED_MOUNT, 1),
             "pid_file": f"{ADOPTED_SPOOL}/{_PID}"},
        ]
        return [
            {"node": node.name, "notes": self._notes(chapter), **job}
            for job, chapter in zip(jobs, (MAILBOX, own, adopted), strict=True)
        ]

    def _has_lines(self) -> bool:
        return bool(self._world.active.run("head", "-n", "1", f"{self._folder}/{MAILBOX}/log", within=10).strip())


def _clear_node(node: Node) -> None:
    node.run("sh", "-c", _CLEAR_NODE, within=60)


def _clear_store(node: Node) -> None:
    node.run("rm", "-rf", STORE, within=300)


def _try_to_clear_store(node: Node) -> None:
    with suppress(RelevoError):
        _clear_store(node)


def keep(book: Sequence[Chapter], nodes: Sequence[Node], name: str) -> Path:
    """Keep what speaks of a failure in a new folder of this computer: the book, what agents and writers have said."""
    folder = Path(tempfile.mkdtemp(prefix=f"relevo-owners-{name}-"))
    files: dict[str, str] = {}
    for chapter in book:
        notes = {f"{chapter.name}.{node}.notes": text for node, text in chapter.notes.items()}
        found = json.dumps(asdict(chapter.judged()), indent=1)
        files |= {f"{chapter.name}.log": chapter.log, f"{chapter.name}.files": chapter.files, **notes}
        files[f"{chapter.name}.found.json"] = found
    for node in nodes:
        for what, command in _TESTIMONIES.items():
            with suppress(RelevoError):
                files[f"{node.name}.{what}"] = node.run(*command, within=30)
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8")
    return folder

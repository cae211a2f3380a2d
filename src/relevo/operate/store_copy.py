"""Copy the mail store to another one that is mounted beside it, on one mail node: rsync(1), repeated, then compared.

The copy runs in a unit of its own, so that there is never a second one on a machine, and what was left of an
interrupted one can be ended.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from relevo.cluster.model import Cluster, Node
from relevo.cluster.wires import MAIL_MOUNT, NEXT_MOUNT, NEXT_STORE_UNIT, VMAIL_UID, left_mark
from relevo.deploy.shell import CommandFailed
from relevo.deploy.ssh import Ssh
from relevo.errors import NodeError
from relevo.i18n import _
from relevo.services.mariadb.settings import NOTE as DATABASE_NOTE

MOST_ROUNDS, SHORT_SECONDS = 5, 60.0
COPY_UNIT = "relevo-storage-copy.service"
MARK = ".relevo-move"  # at the root of the new store while mail is moved there: of which platform, from where to where
_WHOLE_SECONDS = 7 * 24 * 3600.0  # a copy may take days; it ends with the machine, or with Ctrl-C
_LOOK_SECONDS, _UNIT_SECONDS = 60.0, 150.0
_TRIAL = ".relevo-trial"
# What is no mail: our marks, the agents' probe files (a folder a node), and what file systems keep at their root.
_LEFT_OUT = (
    f"/{MARK}", f"/{_TRIAL}", "/.relevo-export", "/.relevo/*/",
    "/lost+found", "/.glusterfs", "/.trashcan", "/.snapshot",
)
_RSYNC = ("rsync", "-aH", "--numeric-ids", "--delete", *(f"--exclude={name}" for name in _LEFT_OUT))
_FROM_TO = (f"{MAIL_MOUNT}/", f"{NEXT_MOUNT}/")
# Root's file, on the disk, then the mail user's, under two names: what Postfix and Dovecot need of a store.
_TRY = """\
set -eu
cd "$0"
trap 'rm -f "$1" "$1-link"' EXIT
echo trial > "$1"
sync "$1"
ln "$1" "$1-link"
chown "$2:$2" "$1"
test "$(stat -c %u "$1-link")" = "$2"
"""
_PUT = 'umask 077; cat > "$0.new" && sync "$0.new" && mv "$0.new" "$0"'


class StoreCopy:
    """The copy of the mail on one node; the cluster has both stores (`StorageSection.moving_to`)."""

    def __init__(self, cluster: Cluster, ssh: Ssh, node: Node, tell: Callable[[str], None]) -> None:
        """Take the way to the node; `tell` gets one sentence a step."""
        self._cluster, self._ssh, self._node, self._tell = cluster, ssh, node, tell
        self._new = cluster.storage.coming

    def mount(self) -> None:
        """Mount the new store beside the old one; raise NodeError when the mail may not, or can't, be copied there."""
        self.clear()
        self._run("systemctl", "daemon-reload")
        self._run("systemctl", "start", NEXT_STORE_UNIT, within=_UNIT_SECONDS)
        self._demand_empty_or_ours()
        self._demand_fit()
        self._put(f"{NEXT_MOUNT}/{MARK}", self._sign)
        self._demand_room()

    def clear(self) -> None:
        """End a copy that runs on any mail node, and unmount the new store there; raise NodeError when it can't be."""
        for node in self._cluster.mail_nodes:
            for unit in (COPY_UNIT, NEXT_STORE_UNIT):
                with suppress(CommandFailed):  # a unit that is not known is none that runs
                    self._ssh.run(node, ["systemctl", "stop", unit], within=_UNIT_SECONDS)
            states = self._ssh.run(node, ["systemctl", "show", "--value", "--property=ActiveState", COPY_UNIT])
            if not set(states.split()) <= {"inactive", "failed"} or self._is_mounted(node):
                text = _("a copy that was begun before does not end: look with `systemctl status {unit}` and `mount`")
                raise NodeError(node.name, text.format(unit=COPY_UNIT))

    def rounds(self) -> None:
        """Copy while mail flows, again and again, until little is left for the pause."""
        for number in range(1, MOST_ROUNDS + 1):
            began = time.monotonic()
            self._copy("--property=Nice=10", "--property=SuccessExitStatus=23 24")  # files come and go meanwhile
            took = time.monotonic() - began
            text = _("{node}: copied, round {number}: {seconds:.0f} s")
            self._tell(text.format(node=self._node.name, number=number, seconds=took))
            if took < SHORT_SECONDS:
                return

    def last(self) -> None:
        """Copy what is left, while nothing writes to the old store, and see to it that it is on the disks.

        Once more where a file could not be copied: what has just been stopped may have put it away meanwhile.
        """
        try:
            self._copy()
        except CommandFailed as error:
            self._tell(str(error))
            self._copy()
        self._run("sync", "-f", NEXT_MOUNT, within=_WHOLE_SECONDS)
        if self._new.kind == "glusterfs":  # a client's word for it does not reach the disks of the bricks
            for node in self._cluster.peers:
                self._ssh.run(node, ["sync", "-f", self._new.brick], within=_WHOLE_SECONDS)

    def compare(self) -> None:
        """Raise NodeError when the two stores are not the same."""
        said = self._run(
            *_RSYNC, "--dry-run", "--omit-dir-times", "--omit-link-times", "--itemize-changes", *_FROM_TO,
            within=_WHOLE_SECONDS,
        )
        if other := said.strip().splitlines():
            text = _("the copy is not the same as the mail: {count} differences, the first: {first}")
            raise NodeError(self._node.name, text.format(count=len(other), first=other[0]))
        have, copied = (self._count(root) for root in (MAIL_MOUNT, NEXT_MOUNT))
        if have != copied:
            text = _("the copy is not the same as the mail: {copied} files of {have}")
            raise NodeError(self._node.name, text.format(copied=copied, have=have))
        self._tell(_("{node}: the copy is the same: {count} files").format(node=self._node.name, count=have))

    @property
    def _sign(self) -> str:
        """What the mark says: another platform's copy, or one to another place, is not ours."""
        name, old = self._cluster.cluster.name, self._cluster.storage
        return f"{name} {self._cluster.domain} {old.kind} {old.place} {self._new.kind} {self._new.place}\n"

    def _copy(self, *properties: str) -> None:
        self._run(
            "systemd-run", "--quiet", "--collect", "--wait", "--pipe", f"--unit={COPY_UNIT}", *properties,
            *_RSYNC, *_FROM_TO, within=_WHOLE_SECONDS,
        )

    def _demand_empty_or_ours(self) -> None:
        """Raise NodeError when there is something in the new store that is not of this move.

        The store that this platform's mail has left before may be brought up to date when it comes back.
        """
        words = ["find", NEXT_MOUNT, "-mindepth", "1", "-maxdepth", "1"]
        for name in _LEFT_OUT:
            if name != f"/{MARK}" and name.count("/") == 1:
                words += ["-not", "-name", name[1:]]
        found = self._run(*words, "-print", "-quit").strip()
        if not found or self._was_left() or self._read(f"{NEXT_MOUNT}/{MARK}") == self._sign:
            return
        text = _("{place} ({kind}) holds files that are not of this move, {found} among them: empty it first")
        shown = found.removeprefix(f"{NEXT_MOUNT}/")
        raise NodeError(self._node.name, text.format(place=self._new.place, kind=self._new.kind, found=shown))

    def _was_left(self) -> bool:
        """Tell whether this is the store that the mail has left: the mark says so, and it knows the same database."""
        if self._read(left_mark(self._new.kind)).strip() != self._new.place:
            return False
        own = self._read(DATABASE_NOTE)
        return own != "" and own == self._read(NEXT_MOUNT + DATABASE_NOTE.removeprefix(MAIL_MOUNT))

    def _demand_fit(self) -> None:
        try:
            self._run("sh", "-c", _TRY, NEXT_MOUNT, _TRIAL, str(VMAIL_UID))
        except CommandFailed as error:
            text = _("root can't write to the new store as Postfix and Dovecot must, with owners and links ({error})")
            raise NodeError(self._node.name, text.format(error=error)) from None

    def _demand_room(self) -> None:
        """Raise NodeError when the new store lacks room.

        File systems say at once how much is used, but of all that is on them; only when that is too much it is counted.
        """
        free = self._df("avail", NEXT_MOUNT)
        if free > self._df("used", MAIL_MOUNT):
            return
        self._tell(_("{node}: counts how much mail there is").format(node=self._node.name))
        need = self._du(MAIL_MOUNT) - self._du(NEXT_MOUNT)
        if free < need:
            text = _("the new store has {free:.1f} GiB free, and {need:.1f} GiB are to be copied: make room there")
            raise NodeError(self._node.name, text.format(free=free / 2**30, need=need / 2**30))

    def _df(self, what: str, path: str) -> int:
        return int(self._run("df", "--block-size=1", f"--output={what}", path).split()[-1])

    def _du(self, path: str) -> int:
        return int(self._run("du", "--summarize", "--block-size=1", path, within=_WHOLE_SECONDS).split()[0])

    def _count(self, root: str) -> int:
        """Count the files, with another program than the one that copied them."""
        said = self._run("find", root, "(", *_pruned(root), ")", "-prune", "-o", "-type", "f", "-printf", ".",
                         within=_WHOLE_SECONDS)
        return len(said.strip())

    def _is_mounted(self, node: Node) -> bool:
        try:
            self._ssh.run(node, ["mountpoint", "--quiet", NEXT_MOUNT])
        except CommandFailed:
            return False
        return True

    def _read(self, path: str) -> str:
        try:
            return self._run("cat", path)
        except CommandFailed:
            return ""

    def _put(self, path: str, text: str) -> None:
        self._ssh.run(self._node, ["sh", "-c", _PUT, path], stdin=text)

    def _run(self, *command: str, within: float = _LOOK_SECONDS) -> str:
        return self._ssh.run(self._node, command, within=within)


def _pruned(root: str) -> Iterator[str]:
    for number, name in enumerate(_LEFT_OUT):
        yield from (*(("-o",) if number else ()), "-path", f"{root}{name.rstrip('/')}")

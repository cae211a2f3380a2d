"""A machine in the place of a dead one, or a new disk in the place of a dead one: from bare Debian to a whole platform.

What the others know a machine by (Gluster's identity) is laid ready, and a mark that it is a successor; `apply` does
the rest as on any machine. The mark goes when all is well: an interrupted replacement goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Mapping

from relevo.cluster.model import Cluster, Node
from relevo.cluster.wires import CLUSTER_FILE, RELEVO_PYTHON, SUCCESSOR_MARK
from relevo.deploy.shell import CommandFailed, stays_wrong
from relevo.deploy.ssh import Ssh
from relevo.errors import RelevoError, UnfitError
from relevo.i18n import _
from relevo.operate.answers import ask_over_ssh
from relevo.operate.status import judge
from relevo.services.glusterfs.successor import identity, pending_attribute

_PATIENCE_SECONDS, _LOOK_SECONDS = 20.0, 1.0
_BLAME = (RELEVO_PYTHON, "-m", "relevo.services.glusterfs.blame")
_POOL = ("gluster", "--mode=script", "--xml", "pool", "list")
_PUT = 'umask 077; mkdir -p "$(dirname "$1")"; cat > "$1.new"; mv "$1.new" "$1"'


class Successor:
    """The machine `node` of a cluster, which is to take the place of a dead one of the same name and address."""

    def __init__(self, cluster: Cluster, ssh: Ssh, node: Node) -> None:
        """Take the way to the machines."""
        self._cluster, self._ssh, self._node = cluster, ssh, node

    @property
    def began(self) -> bool:
        """Tell whether a replacement was begun and is not done."""
        return self._has(SUCCESSOR_MARK)

    def demand_fit(self, *, disk: bool) -> None:
        """Raise RelevoError when it must not be made a successor.

        The others must be well without it, and it must be bare; with `disk`, it must be a part of the platform.
        """
        if wrong := stays_wrong(self._others, within=_PATIENCE_SECONDS, every=_LOOK_SECONDS):
            text = _("{node} can't be replaced now, for the others are not well: {why}")
            raise RelevoError(text.format(node=self._node.name, why="; ".join(wrong)))
        if self._has(CLUSTER_FILE) == disk or self.began:
            return
        text = (
            _("it is no part of the platform yet; to replace the whole machine: relevo replace {node}") if disk
            else _("it is a part of the platform: relevo apply mends it; to replace it, install the system anew")
        )
        raise UnfitError(self._node.name, text.format(node=self._node.name))

    def prepare(self, *, disk: bool) -> None:
        """Lay ready what makes it the machine that the others know; nothing is done when that was done before."""
        if self.began:
            return
        if self._cluster.storage.kind == "glusterfs" and not disk:
            for path, text in self._identity().items():
                self._put(path, text)
        self._put(SUCCESSOR_MARK, "")

    def ask_for_copies(self) -> None:
        """Tell the other machines that this one's copy of the mail lacks everything; they bring it from then on."""
        if self._cluster.storage.kind != "glusterfs":
            return
        attribute = pending_attribute(self._cluster, self._node)
        for node in self._cluster.peers:
            if node != self._node:
                self._ssh.run(node, [*_BLAME, self._cluster.storage.brick, attribute])

    def finish(self) -> None:
        """Take the mark away: it is a machine like the others."""
        self._ssh.run(self._node, ["rm", "-f", SUCCESSOR_MARK])

    def _others(self) -> list[str]:
        """Return what is wrong with the other machines."""
        answers = ask_over_ssh(self._cluster, self._ssh)
        silent = [n.name for n in self._cluster.peers if n != self._node and answers[n.name].view is None]
        if silent:
            return [_("{names} does not answer").format(names=", ".join(silent))]
        return [text for text in judge(self._cluster, answers).problems if self._node.name not in text]

    def _identity(self) -> Mapping[str, str]:
        living = next(node for node in self._cluster.peers if node != self._node)
        pool = self._ssh.run(living, _POOL)
        info = self._ssh.run(living, ["cat", "/var/lib/glusterd/glusterd.info"])
        return identity(self._cluster, self._node, pool, info)

    def _put(self, path: str, text: str) -> None:
        self._ssh.run(self._node, ["sh", "-c", _PUT, "put", path], stdin=text)

    def _has(self, path: str) -> bool:
        try:
            self._ssh.run(self._node, ["test", "-e", path], within=20)
        except CommandFailed:
            return False
        return True

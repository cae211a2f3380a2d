"""Planned work on one machine after the other, without an outage: reboot, and security updates.

One machine at a time, and only while all others are well: a mail node is drained first, so that nothing is cut short,
and put back when its services, its database and its copy of the mail are whole again. What goes wrong stops the work:
the machine stays drained, and the others serve.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from relevo.agent.handover import LONGEST_SECONDS
from relevo.cluster.model import Cluster, Node
from relevo.cluster.wires import MAIL_MOUNT
from relevo.deploy.shell import CommandFailed, stays_wrong
from relevo.deploy.ssh import Ssh
from relevo.errors import RelevoError, UnreachableError
from relevo.i18n import _
from relevo.operate import planned
from relevo.operate.answers import ask_over_ssh
from relevo.operate.copies import HEAL, behind, unhealed
from relevo.operate.planned import Agents
from relevo.operate.recover import cluster_lock
from relevo.operate.status import judge
from relevo.operate.successor import Successor

BOOT_SECONDS, WHOLE_SECONDS = 600.0, 900.0
SPARE_SECONDS = 20.0
_LOOK_SECONDS = 2.0
_TELL_SECONDS, _TOLD = 15.0, 3  # how often, and how many troubles, while a successor is waited for
_STUCK_SECONDS = 10.0  # nothing has changed for so long: what is behind needs help
_APT_SECONDS = 1800.0
DELIVER_SECONDS = 30.0
LEFT_SECONDS = LONGEST_SECONDS + 60.0  # and for its agent to say so
_QUEUE = ("postqueue", "-j")
_BOOT_ID = "/proc/sys/kernel/random/boot_id"
_REBOOT_WANTED = "/run/reboot-required"  # Debian's and Ubuntu's packages leave it
_APT = (
    "env", "DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_MODE=l", "apt-get", "--quiet", "--yes",
    "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold",
    "-o", "DPkg::Lock::Timeout=120",
)
_PLANNED = re.compile(r"^Inst (\S+) \[(\S+)\] \((\S+)", re.MULTILINE)  # apt-get --simulate: an upgrade, not a new one
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Upgrade:
    """A package that is to be upgraded."""

    package: str
    old: str
    new: str


def upgrades_in(said: str) -> tuple[Upgrade, ...]:
    """Return what `apt-get --simulate upgrade` would do."""
    return tuple(Upgrade(*found) for found in _PLANNED.findall(said))


class Maintenance:
    """Work on the machines of a cluster over SSH; `tell` gets one sentence a step."""

    def __init__(self, cluster: Cluster, ssh: Ssh, tell: Tell) -> None:
        """Take the way to the machines."""
        self._cluster, self._ssh, self._tell = cluster, ssh, tell
        self._agents = Agents(cluster, ssh)

    def node(self, name: str) -> Node:
        """Return a machine by its name; raise RelevoError when there is none."""
        if node := self._cluster.nodes.get(name):
            return node
        names = ", ".join(self._cluster.nodes)
        raise RelevoError(_("there is no machine {name}: write one of {names}").format(name=name, names=names))

    def successor(self, node: Node) -> Successor:
        """Return a machine as one that takes the place of a dead one."""
        return Successor(self._cluster, self._ssh, node)

    def in_order(self) -> tuple[Node, ...]:
        """Return all machines, the standby first and the active node last."""
        active = self._agents.holder()
        return (self._agents.other(active), self._cluster.storage_node, active)

    def troubles(self, besides: Node | None = None) -> list[str]:
        """Return why the platform can't do without one more machine now, empty when it can.

        `besides`: the machine to be worked on, whose own troubles are no reason.
        """
        answers = ask_over_ssh(self._cluster, self._ssh)
        if silent := [node.name for node in self._cluster.peers if node != besides and answers[node.name].view is None]:
            return [_("{names} does not answer").format(names=", ".join(silent))]
        name = besides.name if besides else ""
        mine = tuple(text for text in judge(self._cluster, answers).problems if not (name and name in text))
        return [*mine, *self.unhealed(besides)]

    def demand_whole(self, node: Node) -> None:
        """Raise RelevoError when a machine can't be spared now.

        While mail flows a file is behind for a moment, so it is looked at for a while.
        """
        if troubles := stays_wrong(lambda: self.troubles(besides=node), within=SPARE_SECONDS, every=_LOOK_SECONDS):
            text = _("{node} can't be spared now: {why}")
            raise RelevoError(text.format(node=node.name, why="; ".join(troubles)))

    @contextmanager
    def spared(self, node: Node) -> Iterator[None]:
        """Take a machine out of service while something is done to it; put it back when it is whole again.

        When something goes wrong it stays out of service, and the error says so. Nobody else works on the platform
        meanwhile: the lock is the other machines', this one's would end with its reboot.
        """
        others = [other for other in self._cluster.peers if other != node]
        why = _("work on {node}").format(node=node.name)
        with cluster_lock(others, self._ssh, why), self._out_of_service(node):
            yield

    @contextmanager
    def _out_of_service(self, node: Node) -> Iterator[None]:
        self.demand_whole(node)
        drained = node.is_mail and not self._agents.view(node).get("drained")
        if drained:
            self._tell(_("{node}: out of service").format(node=node.name))
            planned.drain(self._agents, node.name)
            self.until_left(node)
            self._until_delivered(node)
        try:
            yield
            self._until_whole(node)
        except RelevoError as error:
            left = _(" ({node} stays drained: relevo undrain {node})").format(node=node.name) if drained else ""
            raise RelevoError(f"{error}{left}") from None
        if drained:
            planned.undrain(self._agents, node.name)
            self._tell(_("{node}: in service again").format(node=node.name))

    def reboot(self, node: Node) -> None:
        """Reboot a machine that is out of service, and wait until it answers."""
        before = self._boot_id(node)
        self._tell(_("{node}: reboots").format(node=node.name))
        with suppress(UnreachableError, CommandFailed):  # the connection may end before the command does
            self._ssh.run(node, ["systemctl", "--no-block", "reboot"], within=20)
        self._wait(lambda: self._boot_id(node) not in {"", before}, BOOT_SECONDS, _("its new start"), node)

    def pending(self, node: Node) -> tuple[Upgrade, ...]:
        """Return what the distribution has newer than this machine; asks its mirrors."""
        self._ssh.run(node, [*_APT, "update"], within=_APT_SECONDS)
        return upgrades_in(self._ssh.run(node, [*_APT, "--simulate", "upgrade"], within=_APT_SECONDS))

    def upgrade(self, node: Node) -> None:
        """Upgrade the packages of a machine that is out of service; configuration files stay as they are."""
        self._ssh.run(node, [*_APT, "upgrade"], within=_APT_SECONDS)

    def wants_reboot(self, node: Node) -> bool:
        """Tell whether a package has asked for a reboot."""
        return self._succeeds(node, "test", "-e", _REBOOT_WANTED)

    def until_left(self, node: Node) -> None:
        """Wait until the sessions that a drained node still had are over."""
        def left() -> bool:
            view = self._agents.view(node)
            return not view["holder"] and not view["handover"]["gives"]

        self._wait(left, LEFT_SECONDS, _("the end of its sessions"), node)

    def _until_delivered(self, node: Node) -> None:
        """Wait until nothing is being delivered: what is, when Postfix stops, is delivered again later.

        A slow server outside is not waited for for ever.
        """
        with suppress(RelevoError):
            self._wait(lambda: not delivers(self._ssh.run(node, _QUEUE, within=20)), DELIVER_SECONDS, "", node)

    def _until_whole(self, node: Node) -> None:
        self._tell(_("{node}: waiting until all is whole again").format(node=node.name))
        self._wait(lambda: not self.troubles(), WHOLE_SECONDS, _("the platform to be whole again"), node)

    def until_copied(self, node: Node) -> None:
        """Wait until a successor is well and has its copy of the mail, however long, as long as something goes on."""
        last, changed, told = [""], time.monotonic(), float("-inf")
        while last:
            now, at = self._troubles_or_why(), time.monotonic()
            changed = changed if now == last else at
            if now and at - told > _TELL_SECONDS:
                self._tell(_("not yet: {why}").format(why="; ".join(now[:_TOLD])))
                told = at
            if now and at - changed > _STUCK_SECONDS:
                self._look_up()
            if at - changed > WHOLE_SECONDS:
                text = _("{node}: nothing changed for {limit:g} s ({why})")
                raise RelevoError(text.format(node=node.name, limit=WHOLE_SECONDS, why="; ".join(now)))
            last = now
            time.sleep(_LOOK_SECONDS if now else 0.0)

    def _look_up(self) -> None:
        """Look at the files that are behind through the active node's mount, which mends what no name leads to."""
        with suppress(RelevoError):
            node = self._agents.holder()
            paths = behind(lambda *words: self._ssh.run(node, [*HEAL, *words]))
            if paths:
                self._ssh.run(node, ["stat", "--", *(f"{MAIL_MOUNT}{path}" for path in paths)])

    def _troubles_or_why(self) -> list[str]:
        """Return the troubles; that they could not be asked for is one, too."""
        try:
            return self.troubles()
        except RelevoError as error:
            return [str(error)]

    def _wait(self, condition: Callable[[], bool], within: float, what: str, node: Node) -> None:
        end, last = time.monotonic() + within, ""
        while True:
            try:
                if condition():
                    return
            except RelevoError as error:
                last = f" ({error})"
            if time.monotonic() > end:
                text = _("{node}: waited {limit:g} s in vain for {what}")
                raise RelevoError(text.format(node=node.name, limit=within, what=what) + (last or self._why()))
            time.sleep(_LOOK_SECONDS)

    def _why(self) -> str:
        with suppress(RelevoError):
            if troubles := self.troubles():
                return f" ({'; '.join(troubles)})"
        return ""

    def _boot_id(self, node: Node) -> str:
        try:
            return self._ssh.run(node, ["cat", _BOOT_ID], within=20).strip()
        except (UnreachableError, CommandFailed):
            return ""

    def unhealed(self, besides: Node | None = None) -> list[str]:
        """Return which copies of the mail are behind, as another machine than `besides` sees it."""
        if "glusterfs" not in self._cluster.storage.kinds:
            return []
        asked = next(node for node in self._cluster.peers if node != besides)
        return unhealed(lambda *words: self._ssh.run(asked, [*HEAL, *words], within=60))

    def _succeeds(self, node: Node, *command: str) -> bool:
        try:
            self._ssh.run(node, command, within=20)
        except CommandFailed:
            return False
        return True


def delivers(queue: str) -> bool:
    """Tell whether `postqueue -j` has a message that is being delivered, or is about to be."""
    entries = (json.loads(line) for line in queue.splitlines() if line.strip())
    return any(entry.get("queue_name") in {"active", "incoming"} for entry in entries)

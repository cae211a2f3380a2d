"""The words that drills are written with.

with world.checking("...", tried="...", expected="...") as check:       # one line of the table
receipt = world.mail.send(letter.raw, sender, [world.accounts.a.address])
check.saw(str(receipt.answer), good=receipt.answer.accepted)
world.active.stop("postfix"); world.active.crash(); node.boot()          # faults; undone at the end
world.mailbox(world.accounts.a).read(letter.token)                       # waits, with a deadline
with world.watching() as watch: ...                                      # probes every 20 ms
eventually(lambda: ..., within=5, what="...")
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from relevo.agent.planned import FORGIVE
from relevo.cluster.model import Cluster
from relevo.cluster.secrets import Secrets
from relevo.cluster.wires import ASK_AGENT, RELEVO_COMMAND
from relevo.drills.accounts import Account, Accounts
from relevo.drills.health import ailments
from relevo.drills.mail import Mail
from relevo.drills.mailbox import Mailbox
from relevo.drills.nodes import Node
from relevo.drills.platform import Platform
from relevo.drills.probes import Target, exchanges, sparse
from relevo.drills.recorder import Observation, Recorder
from relevo.drills.trust import NamedContext, careful
from relevo.drills.waiting import NotHere, eventually
from relevo.drills.watch import Watch
from relevo.errors import DrillError
from relevo.i18n import _
from relevo.lab.contract import OUTSIDE_DOMAIN, OUTSIDE_MAILBOX

__all__ = ["Node", "World", "eventually"]
HEALTHY_SECONDS = 180.0
CLIENT_NAME = f"mx.{OUTSIDE_DOMAIN}"  # what this client calls itself in EHLO: the lab's DNS knows it


@dataclass
class World:
    """All that a drill may know and touch."""

    cluster: Cluster
    secrets: Secrets
    platform: Platform
    accounts: Accounts
    recorder: Recorder = field(default_factory=Recorder)

    @classmethod
    def of(cls, cluster: Cluster, secrets: Secrets, platform: Platform) -> World:
        """Return the world of a cluster, with names and new passwords for the accounts of this run."""
        return cls(cluster, secrets, platform, Accounts.named(cluster.domain))

    def __post_init__(self) -> None:
        vip, brick = self.cluster.vip, self.cluster.storage.brick
        self.nodes = {
            node.name: Node(node.name, str(node.address), vip, self.platform, brick) for node in self.cluster.peers
        }
        self.mail_nodes = [self.nodes[node.name] for node in self.cluster.mail_nodes]
        self.storage_node = self.nodes[self.cluster.storage_node.name]
        self.mail = Mail(self.cluster.vip, CLIENT_NAME, self.tls())

    @property
    def active(self) -> Node:
        """The node that holds the virtual IP; waits up to 10 s for one that does."""
        def holder() -> Node | None:
            return next((node for node in self.mail_nodes if node.holds_vip()), None)

        return eventually(holder, within=10, what=_("a node that holds {vip}").format(vip=self.cluster.vip))

    @property
    def standby(self) -> Node:
        """The other mail node."""
        active = self.active
        return next(node for node in self.mail_nodes if node is not active)

    @property
    def stranger(self) -> str:
        """A sender that is not ours: in the lab the outside server's own mailbox."""
        return OUTSIDE_MAILBOX

    def tls(self) -> NamedContext:
        """Return a careful client's TLS context."""
        return careful(self.cluster, self.secrets)

    def checking(self, name: str, *, tried: str, expected: str) -> AbstractContextManager[Observation]:
        """Make one check: see `Recorder.checking`."""
        return self.recorder.checking(name, tried=tried, expected=expected)

    def mailbox(self, account: Account) -> Mailbox:
        """Return a user's mailbox, reached by the virtual IP."""
        return Mailbox(self.cluster.vip, account, self.tls())

    def relevo(self, arguments: Sequence[str], stdin: str | None = None) -> str:
        """Run a command of Relevo on the node that holds the virtual IP."""
        return self.active.run(RELEVO_COMMAND, *arguments, stdin=stdin, within=60)

    def watching(self, *, beside_stream: bool = False) -> Watch:
        """Return a watch of all protocols at the virtual IP; a lighter one where messages flow at the same time."""
        account = self.accounts.a
        target = Target(
            self.cluster.vip, self.cluster.hostname, self.tls(), account.address, account.password, CLIENT_NAME,
        )
        return Watch(sparse(target) if beside_stream else exchanges(target))

    def until_healthy(self, *, within: float = HEALTHY_SECONDS) -> None:
        """Wait until both nodes and the storage are whole again."""
        def whole() -> bool:
            if troubles := ailments(self.cluster, self.nodes):
                raise DrillError("; ".join(troubles))
            return True

        eventually(whole, within=within, what=_("the platform to be whole again"), every=1.0)

    def demand_lab(self) -> None:
        """Raise NotHere where nobody can switch machines on and off."""
        if not self.platform.in_lab:
            text = _("the power of {node} can't be cut from here: only the lab can do that")
            raise NotHere(text.format(node=self.active.name))

    def forgive(self) -> None:
        """Have the mail nodes forget the failovers that were drills: the next one must not count as flapping."""
        for node in self.mail_nodes:
            node.run(*ASK_AGENT, FORGIVE)

    def restore(self) -> list[str]:
        """Undo what the drill did to machines, to all in one moment; return what could not be undone, in words."""
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            return [trouble for trouble in pool.map(_trouble_of_restoring, self.nodes.values()) if trouble]


def _trouble_of_restoring(node: Node) -> str:
    try:
        node.restore()
    except Exception as error:  # noqa: BLE001 - the others must be restored whatever happens to one
        return f"{node.name}: {error}"
    return ""

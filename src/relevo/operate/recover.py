"""Bring the database cluster back when it can't form by itself: begin it on the node with the highest position.

After a power cut of all machines the cluster forms by itself once all are back. It can't when one of them stays away,
or when all databases were stopped in order. Then somebody must say from which node it goes on; this module chooses.
"""

from __future__ import annotations

import getpass
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import Enum

from relevo.agent.database import position
from relevo.cluster.model import Cluster, Node
from relevo.deploy.lock import LOCK_FILE, PATIENCE_SECONDS
from relevo.deploy.shell import CommandFailed, wait_until
from relevo.deploy.ssh import Ssh
from relevo.errors import LockedError, RelevoError, UnreachableError
from relevo.i18n import _

_DATA = "/var/lib/mysql"
_GARB_VIEW = "/var/lib/garb/gvwstate.dat"
_DATABASE, _GARB = "mariadb.service", "garb.service"
_NO_UUID = "00000000-0000-0000-0000-000000000000"
_START_SECONDS = 300.0
_PRIMARY = "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'wsrep_cluster_status'"
_SIZE = "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'wsrep_cluster_size'"


@dataclass(frozen=True)
class Position:
    """How far a node's database had come: `seqno` counts the cluster's transactions; `serves`: it takes queries."""

    node: str
    serves: bool = False
    uuid: str = _NO_UUID
    seqno: int = -1

    @property
    def has_data(self) -> bool:
        """Tell whether this node holds a database of the cluster."""
        return self.uuid != _NO_UUID


class Way(Enum):
    """What a recovery does."""

    NOTHING = "nothing"  # all are up
    REJOIN = "rejoin"  # the cluster runs: start who is missing
    BEGIN = "begin"  # no cluster runs: begin it on the chosen node


@dataclass(frozen=True)
class Recovery:
    """What is to be done: `source` is the node that the others get their data from."""

    way: Way
    source: str
    others: tuple[str, ...]


def decide(positions: Sequence[Position], lost: Collection[str] = (), forced: str = "") -> Recovery:
    """Choose the node from which the cluster goes on. Pure.

    Invariant: no node with a higher position of the same history is passed over, unless the operator named it as lost
    or named another as the source.

    Args:
        positions: of every mail node that answered, the preferred one first.
        lost: mail nodes that did not answer and that the operator gave up.
        forced: the source that the operator wants.

    Raises:
        RelevoError: nothing can be chosen safely; the sentence says what the operator may do.
    """
    if serving := [p.node for p in positions if p.serves]:
        missing = tuple(p.node for p in positions if not p.serves)
        return Recovery(Way.REJOIN if missing or lost else Way.NOTHING, serving[0], missing)
    candidates = [p for p in positions if p.has_data]
    if forced:
        candidates = [p for p in candidates if p.node == forced]
    if not candidates:
        raise RelevoError(_("no mail node holds a database to go on from: `relevo apply` makes a new one"))
    if len({p.uuid for p in candidates}) > 1:
        raise RelevoError(
            _("the nodes hold databases of different clusters: look at both, then name the right one with --from NODE")
        )
    best = max(candidates, key=lambda p: p.seqno)  # the first of equals: the preferred node
    return Recovery(Way.BEGIN, best.node, tuple(p.node for p in positions if p.node != best.node))


class DatabaseRecovery:
    """One recovery, over SSH: `reach`, `look`, let the operator agree, then `act` (or `leave`)."""

    def __init__(self, cluster: Cluster, ssh: Ssh, tell: Callable[[str], None], lost: Collection[str] = ()) -> None:
        """Take what is needed to reach the nodes; `tell` gets one sentence a step."""
        unknown = set(lost) - cluster.nodes.keys()
        if unknown:
            raise RelevoError(_("there is no node {name} in the cluster file").format(name=", ".join(sorted(unknown))))
        self._cluster = cluster
        self._ssh = ssh
        self._tell = tell
        self._lost = frozenset(lost)
        self._mail = [node for node in cluster.mail_nodes if node.name not in self._lost]
        self._present = [node for node in cluster.peers if node.name not in self._lost]

    def reach(self) -> list[Node]:
        """Return the machines that take part; raise RelevoError when one of them does not answer."""
        for node in self._present:
            self._reach(node)
        return self._present

    def look(self) -> list[Position]:
        """Ask every mail node how far it had come; databases that serve nobody are stopped to be able to say."""
        serving = {node.name for node in self._mail if self._serves(node)}
        return [Position(n.name, serves=True) if n.name in serving else self._position(n) for n in self._mail]

    def act(self, recovery: Recovery) -> None:
        """Carry a recovery out, step by step; it may be interrupted anywhere and run again."""
        source = self._cluster.nodes[recovery.source]
        others = [self._cluster.nodes[name] for name in recovery.others]
        if recovery.way is Way.BEGIN:
            self._stop_garb()
            self._begin(source)
        for node in others:
            self._forget(node)
        self._allow(source)
        for node in others:
            self._join(node)
        self._start_garb(source)
        self._tell(_("the database cluster has {size} members").format(size=self._query(source, _SIZE)))

    def leave(self) -> None:
        """Let things be as they were: databases that were stopped to look wait for their companions again."""
        for node in self._mail:
            self._ssh.run(node, ["systemctl", "start", "--no-block", _DATABASE], within=20)

    def _reach(self, node: Node) -> None:
        try:
            self._ssh.run(node, ["true"], within=20)
        except UnreachableError as error:
            advice = _("if it will not come back, run again with --lost {name}: what only it knew is gone then")
            raise RelevoError(f"{error}; {advice.format(name=node.name)}") from None

    def _serves(self, node: Node) -> bool:
        return self._query(node, _PRIMARY) == "Primary"

    def _query(self, node: Node, query: str) -> str:
        """Return the answer to a query of one value, or nothing when the database does not answer."""
        try:
            return self._mariadb(node, query).strip()
        except CommandFailed:
            return ""

    def _mariadb(self, node: Node, statements: str) -> str:
        argv = ["mariadb", "--connect-timeout=3", "--skip-column-names", "--batch"]
        return self._ssh.run(node, argv, within=20, stdin=statements)

    def _position(self, node: Node) -> Position:
        """Have the stopped server read its own log up to its end (galera_recovery)."""
        self._kill(node)
        try:
            said = self._ssh.run(node, ["galera_recovery"], within=_START_SECONDS).strip()
        except CommandFailed as error:  # half of a copy, or damaged: it can't be gone on from
            self._tell(_("{name}: its data can't be read ({error})").format(name=node.name, error=error))
            return Position(node.name)
        uuid, seqno = parse_position(said)
        return Position(node.name, uuid=uuid, seqno=seqno)

    def _kill(self, node: Node) -> None:
        """Stop a server that serves nobody: while it waits for companions it ignores an ordinary stop."""
        self._ssh.run(node, ["systemctl", "stop", "--no-block", _DATABASE], within=20)
        try:
            self._ssh.run(node, ["systemctl", "kill", "--signal=KILL", _DATABASE], within=20)
        except CommandFailed:
            self._tell(_("{name}: the database did not run").format(name=node.name))
        self._ssh.run(node, ["systemctl", "stop", _DATABASE], within=60)

    def _remove(self, node: Node, *names: str) -> None:
        """Remove files of Galera's own; none of them holds data of the platform."""
        self._ssh.run(node, ["rm", "-f", *(f"{_DATA}/{name}" for name in names)], within=20)

    def _stop_garb(self) -> None:
        """Stop the third vote and have it forget its companions: alone in a cluster it keeps all others out."""
        if (witness := self._cluster.storage_node) not in self._present:
            return
        self._tell(_("{name}: the third vote waits").format(name=witness.name))
        self._ssh.run(witness, ["systemctl", "stop", _GARB], within=60)
        self._ssh.run(witness, ["rm", "-f", _GARB_VIEW], within=20)

    def _begin(self, node: Node) -> None:
        self._tell(_("{name}: begins the cluster with its data").format(name=node.name))
        self._kill(node)
        self._remove(node, "gvwstate.dat", "galera.cache")  # the cache may hold what only the others' history had
        allow = ["sed", "-i", "s/^safe_to_bootstrap:.*/safe_to_bootstrap: 1/", f"{_DATA}/grastate.dat"]
        self._ssh.run(node, allow, within=20)
        self._ssh.run(node, ["galera_new_cluster"], within=_START_SECONDS)
        self._wait_for_database(node)

    def _wait_for_database(self, node: Node) -> None:
        what = _("the database of {name}").format(name=node.name)
        wait_until(lambda: self._serves(node), within=60, what=what, every=0.5)

    def _forget(self, node: Node) -> None:
        """Have a node take a whole copy when it joins: it may have gone on by itself beyond what the source knows."""
        self._kill(node)
        self._remove(node, "gvwstate.dat", "grastate.dat", "galera.cache")

    def _allow(self, source: Node) -> None:
        """Keep a lost node out until a recovery with it: with changes of its own it would join as if all were well.

        The list is Galera's own (table mysql.wsrep_allowlist, MariaDB 10.10 and newer); an empty one admits everybody.
        """
        statements = ["DELETE FROM mysql.wsrep_allowlist;"]
        if self._lost & {node.name for node in self._cluster.mail_nodes}:
            addresses = ", ".join(f"('{node.address}')" for node in self._present)
            statements.append(f"INSERT INTO mysql.wsrep_allowlist VALUES {addresses};")  # noqa: S608 - own addresses
        self._mariadb(source, "\n".join(statements))

    def _join(self, node: Node) -> None:
        self._tell(_("{name}: joins and takes a copy").format(name=node.name))
        self._ssh.run(node, ["systemctl", "start", _DATABASE], within=_START_SECONDS)
        self._wait_for_database(node)

    def _start_garb(self, source: Node) -> None:
        if (witness := self._cluster.storage_node) not in self._present:
            return
        self._tell(_("{name}: the third vote joins").format(name=witness.name))
        self._ssh.run(witness, ["systemctl", "start", _GARB], within=60)
        expected = str(len(self._mail) + 1)
        text = _("the third vote to join (if {name} was never set up, run `relevo apply`)")
        what = text.format(name=witness.name)
        wait_until(lambda: self._query(source, _SIZE) == expected, within=60, what=what, every=0.5)


def parse_position(said: str) -> tuple[str, int]:
    """Read `--wsrep_start_position=UUID:SEQNO`, galera_recovery's answer; nothing means that there is no position."""
    if not said.strip():
        return _NO_UUID, -1
    try:
        return position(said)
    except ValueError:
        text = _("galera_recovery said {said!r}, which is no position")
        raise RelevoError(text.format(said=said)) from None


@contextmanager
def cluster_lock(nodes: Sequence[Node], ssh: Ssh, why: str) -> Iterator[None]:
    """Hold the cluster's lock on those nodes, as an apply does; it ends with the connection.

    One that was let go just now may be there for a moment: the node learns last that its holder's connection has ended.

    Raises:
        LockedError: somebody else has it.
    """
    waits = ("flock", "--timeout", f"{PATIENCE_SECONDS:g}", str(LOCK_FILE))
    script = f'echo "$0" > {LOCK_FILE}; echo held; exec cat'
    with ExitStack() as stack:
        for node in nodes:
            argv = [*waits, "sh", "-c", script, f"{getpass.getuser()} ({why})"]
            process = stack.enter_context(ssh.open(node, argv, stack.enter_context(tempfile.TemporaryFile())))
            stack.callback(process.kill)
            if process.stdin is None or process.stdout is None or process.stdout.readline().strip() != b"held":
                sentence = _("{name} is locked by another command: wait until it is done")
                raise LockedError(sentence.format(name=node.name))
            stack.callback(process.stdin.close)
        yield

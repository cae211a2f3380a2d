"""The running server: its state, and starting it in the way that was decided."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pymysql
from pymysql.cursors import Cursor

from relevo.cluster.wires import GALERA_PORT, MAIL_MOUNT, MYSQL_SOCKET
from relevo.deploy.shell import CommandFailed, run, wait_until
from relevo.deploy.units import is_active
from relevo.i18n import _
from relevo.services.base import Context
from relevo.services.mariadb.position import keeps_view, read_state
from relevo.services.mariadb.settings import DATA, NOTE, START_SECONDS, UNIT
from relevo.services.mariadb.start import Answer, Decision, How, Seen, decide, decide_restart

_AGAIN_SECONDS = 30
_STATUS = "SHOW GLOBAL STATUS WHERE Variable_name LIKE 'wsrep\\_%'"


@contextmanager
def session() -> Iterator[Cursor]:
    """Open a session as root by the UNIX socket, which vouches for the user.

    Raises:
        CommandFailed: it can't be had, or a statement of it failed.
    """
    try:
        connection = pymysql.connect(
            unix_socket=MYSQL_SOCKET, user="root", autocommit=True, connect_timeout=5, read_timeout=60, write_timeout=60
        )
    except (pymysql.MySQLError, OSError) as error:
        raise CommandFailed(_("the database does not answer: {error}").format(error=error)) from None
    with connection, connection.cursor() as cursor:
        try:
            yield cursor
        except pymysql.MySQLError as error:
            raise CommandFailed(_("the database says: {error}").format(error=error)) from None


def status() -> dict[str, str]:
    """Return Galera's status variables; raise CommandFailed when the server does not answer."""
    with session() as cursor:
        cursor.execute(_STATUS)
        return {str(name): str(value) for name, value in cursor.fetchall()}


def is_in_majority() -> bool:
    """Tell whether this node is in the majority's cluster, be it busy with a copy to or from another."""
    return status().get("wsrep_cluster_status") == "Primary"


def is_synced() -> bool:
    """Tell whether this node is a full member of the majority, and gives no copy to another right now."""
    have = status()
    return have.get("wsrep_cluster_status") == "Primary" and have.get("wsrep_local_state_comment") == "Synced"


def wait_synced() -> None:
    """Wait until this node is a full member of the majority."""
    wait_until(is_synced, within=60, what=_("this node to be Synced in a Primary cluster"), every=0.2)


def answers() -> bool:
    """Tell whether the server takes queries on its state."""
    try:
        return bool(status())
    except CommandFailed:
        return False


def start(ctx: Context, verb: str) -> None:
    """Start or restart the server; raise CommandFailed with the reason when it must not be started."""
    decision = _restart_decision(ctx) if verb == "restart" and answers() else decide(look(ctx))
    if decision.how is How.NOT:
        raise CommandFailed(decision.why)
    if decision.how is How.BEGIN:
        run(["galera_new_cluster"], within=START_SECONDS)
    else:
        _join(verb)


def _join(verb: str) -> None:
    """Have it join the others; one that met nobody in time ends with an error, and systemd starts it again soon."""
    try:
        run(["systemctl", verb, UNIT], within=START_SECONDS)
    except CommandFailed as failed:
        try:
            wait_until(lambda: is_active(UNIT), within=_AGAIN_SECONDS, what=UNIT, every=0.5)
        except CommandFailed:
            raise failed from None


def look(ctx: Context) -> Seen:
    """Gather what the decision needs; raise CommandFailed when the shared storage can't be asked."""
    if not os.path.ismount(MAIL_MOUNT):
        text = _("{mount} is not mounted, so nobody knows whether a cluster was made: see to the storage first")
        raise CommandFailed(text.format(mount=MAIL_MOUNT))
    others = [node for node in ctx.cluster.mail_nodes if node.name != ctx.node.name]
    return Seen(
        state=read_state(Path(DATA)), keeps_view=keeps_view(Path(DATA)),
        others=tuple(_ask(str(node.address)) for node in others), witness=_ask(str(ctx.cluster.storage_node.address)),
        noted=Path(NOTE).exists(), preferred=ctx.node.name == ctx.cluster.mail_nodes[0].name,
    )


def _restart_decision(ctx: Context) -> Decision:
    """Decide on what the cluster is once no copy is under way: ended in the middle, it would take the majority away."""
    if is_in_majority():
        wait_until(is_synced, within=START_SECONDS, what=_("the copy to the other node to be whole"), every=0.5)
    have = status()
    members = have.get("wsrep_incoming_addresses", "")
    return decide_restart(
        size=int(have.get("wsrep_cluster_size", "0")), other_data_nodes=_data_nodes(members, ctx),
        primary=have.get("wsrep_cluster_status") == "Primary",
    )


def _data_nodes(members: str, ctx: Context) -> int:
    """Count the other mail nodes among the members' addresses (garbd's is empty)."""
    others: Sequence[str] = [str(n.address) for n in ctx.cluster.mail_nodes if n.name != ctx.node.name]
    present = {member.rsplit(":", 1)[0] for member in members.split(",")}
    return sum(address in present for address in others)


def _ask(address: str) -> Answer:
    """Try another machine's Galera port."""
    try:
        with socket.create_connection((address, GALERA_PORT), timeout=3):
            return Answer.SPEAKS
    except ConnectionRefusedError:
        return Answer.REFUSES
    except OSError:
        return Answer.SILENT

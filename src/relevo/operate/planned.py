"""Planned work: the virtual IP moves on request, and a machine is taken out of service and put back.

The agents decide and act (`relevo.agent.planned`); here they are asked over SSH, and waited for.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from relevo.agent.planned import DRAIN, FORCED, SWITCH_OVER, UNDRAIN
from relevo.cluster.model import Cluster, Node
from relevo.cluster.wires import ASK_AGENT
from relevo.deploy.shell import CommandFailed
from relevo.deploy.ssh import Ssh
from relevo.errors import RelevoError
from relevo.i18n import _
from relevo.operate.active import active_node
from relevo.operate.daemon_words import told

_ASK_SECONDS = 20.0
_MOVE_SECONDS = 20.0
_LOOK_SECONDS = 0.2


class Agents:
    """The agents of the mail nodes, over SSH."""

    def __init__(self, cluster: Cluster, ssh: Ssh) -> None:
        """Take the way to the machines."""
        self._cluster, self._ssh = cluster, ssh

    def mail_node(self, name: str) -> Node:
        """Return a mail node by its name; raise RelevoError when it is none."""
        for node in self._cluster.mail_nodes:
            if node.name == name:
                return node
        names = " {} ".format(_("or")).join(node.name for node in self._cluster.mail_nodes)
        raise RelevoError(_("`{name}` is no mail node: write {names}").format(name=name, names=names))

    def other(self, node: Node) -> Node:
        """Return the other mail node."""
        return self._cluster.other_mail_node(node)

    def view(self, node: Node) -> Mapping[str, Any]:
        """Return what a node's agent knows of its own node."""
        view: Mapping[str, Any] = json.loads(self._ask(node, "view"))["own"]
        return view

    def holder(self) -> Node:
        """Return the mail node that has the virtual IP; raise RelevoError when none has."""
        return active_node(self._cluster, self._ssh)

    def order(self, node: Node, order: str) -> None:
        """Give an order to a node's agent; raise RelevoError with its reason when it refuses."""
        if why := str(json.loads(self._ask(node, order)).get("refused", _("it did not understand"))):
            raise RelevoError(_("{node} refuses: {why}").format(node=node.name, why=told(why)))

    def until_active(self, node: Node) -> None:
        """Wait until a node has the virtual IP and lets everybody in; raise RelevoError when that takes too long."""
        end = time.monotonic() + _MOVE_SECONDS
        while not ((view := self.view(node))["holder"] and view["guard"]["open"]):
            if time.monotonic() > end:
                text = _("{node} did not take the virtual IP within {limit:g} s: see `relevo history`")
                raise RelevoError(text.format(node=node.name, limit=_MOVE_SECONDS))
            time.sleep(_LOOK_SECONDS)

    def _ask(self, node: Node, what: str) -> str:
        try:
            return self._ssh.run(node, [*ASK_AGENT, what], within=_ASK_SECONDS)
        except CommandFailed as error:
            text = _("{node}: its agent does not answer ({error})")
            raise RelevoError(text.format(node=node.name, error=error)) from None


def switch_over(agents: Agents, target: str = "") -> tuple[Node, bool]:
    """Move the virtual IP to a mail node, else to the standby; return who has it, and whether it moved."""
    holder = agents.holder()
    to = agents.mail_node(target) if target else agents.other(holder)
    if to == holder:
        return holder, False
    agents.order(holder, SWITCH_OVER)
    agents.until_active(to)
    return to, True


def drain(agents: Agents, name: str, *, anyway: bool = False) -> Node:
    """Take a mail node out of service until `undrain`; return who has the virtual IP then.

    `anyway`: also when the other mail node is not ready to take over; then nothing moves before it is.
    """
    node = agents.mail_node(name)
    agents.order(node, DRAIN + FORCED if anyway else DRAIN)
    if not anyway:
        agents.until_active(agents.other(node))
    return agents.holder()


def undrain(agents: Agents, name: str) -> Node:
    """Put a mail node back into service; return who has the virtual IP (nothing moves by this alone)."""
    agents.order(agents.mail_node(name), UNDRAIN)
    return agents.holder()

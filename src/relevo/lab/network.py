"""The lab's network: a namespace with a bridge, a port a machine, and this computer's own address on it.

All is inside of the namespace; nothing of it appears among this computer's interfaces, and it has no way out.
"""

from __future__ import annotations

from pathlib import Path

from relevo.deploy.shell import run, succeeds, wait_until
from relevo.i18n import _
from relevo.lab.plan import BRIDGE, Names, NetworkPlan, port_of

_NAMESPACES = Path("/run/netns")
_BLOCKED = "relevo_blocked"  # the bridge's table of nftables: its set holds pairs of ports, sender and receiver
_TABLE = f"""
table bridge {_BLOCKED} {{
    set pairs {{ type ifname . ifname; }}
    chain forward {{ type filter hook forward priority 0; iifname . oifname @pairs drop; }}
}}
"""


class Network:
    """The bridge of one lab."""

    def __init__(self, names: Names) -> None:
        self.namespace = names.namespace
        self.path = _NAMESPACES / names.namespace

    def exists(self) -> bool:
        """Tell whether the namespace is there; it is gone after a reboot of this computer."""
        return self.path.exists()

    def up(self, plan: NetworkPlan) -> None:
        """Make the namespace and its bridge, which forwards at once (no spanning tree)."""
        if self.exists():
            return
        run(["ip", "netns", "add", self.namespace])
        self._ip("link", "set", "lo", "up")
        self._ip("link", "add", BRIDGE, "type", "bridge", "forward_delay", "0", "stp_state", "0", "mcast_snooping", "0")
        self._ip("addr", "add", f"{plan.operator}/{plan.prefix}", "dev", BRIDGE)
        self._ip("link", "set", BRIDGE, "up")

    def down(self) -> None:
        """Remove the namespace with all that is in it."""
        if self.exists():
            run(["ip", "netns", "delete", self.namespace])

    def attach(self, node: str) -> None:
        """Put a machine's port on the bridge, as soon as its container has made it."""
        port = port_of(node)
        wait_until(lambda: self._ip("link", "set", port, "master", BRIDGE, "up"), within=10, every=0.02,
                   what=_("the network port of {node}").format(node=node))

    def cut(self, node: str) -> None:
        """Take a machine's port down."""
        self._ip("link", "set", port_of(node), "down")

    def heal(self, node: str) -> None:
        """Take it up again."""
        self._ip("link", "set", port_of(node), "up")

    def is_cut(self, node: str) -> bool:
        """Tell whether a machine's port is down; False when it has none because it is off."""
        shown = run(["ip", "-n", self.namespace, "-o", "link", "show", "dev", port_of(node)], accept=(0, 1))
        flags = shown.partition("<")[2].partition(">")[0].split(",")
        return bool(shown) and "UP" not in flags

    def block(self, sender: str, receiver: str) -> None:
        """Drop what one machine sends to another, of whatever protocol; what comes the other way passes."""
        if not succeeds([*self.enter(), "nft", "list", "table", "bridge", _BLOCKED]):
            run([*self.enter(), "nft", "--file", "-"], stdin=_TABLE)
        run(self._pair("add", sender, receiver))

    def unblock(self, sender: str, receiver: str) -> None:
        """Let it pass again; nothing happens when it does."""
        if succeeds(self._pair("get", sender, receiver)):
            run(self._pair("delete", sender, receiver))

    def _pair(self, verb: str, sender: str, receiver: str) -> list[str]:
        pair = f'{{ "{port_of(sender)}" . "{port_of(receiver)}" }}'
        return [*self.enter(), "nft", verb, "element", "bridge", _BLOCKED, "pairs", pair]

    def enter(self) -> list[str]:
        """Return the start of a command that runs on this computer, but in the lab's network.

        Not `ip netns exec`: it mounts /sys anew and so hides the control groups.
        """
        return ["nsenter", f"--net={self.path}"]

    def _ip(self, *arguments: str) -> bool:
        run(["ip", "-n", self.namespace, *arguments])
        return True

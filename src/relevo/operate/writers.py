"""What writes to the mail store on the mail nodes: Postfix, also that of an adopted queue, and Dovecot.

The agents do nothing about what was stopped by hand, and move nothing for what both mail nodes have.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from relevo.cluster.model import Cluster, Node
from relevo.cluster.wires import ADOPTED_UNIT, POSTFIX_ID, STORAGE_UNIT, VMAIL_UID
from relevo.deploy.shell import CommandFailed, wait_until
from relevo.deploy.ssh import Ssh
from relevo.errors import RelevoError
from relevo.i18n import _
from relevo.operate.maintenance import DELIVER_SECONDS, delivers

POSTFIX, DOVECOT = "postfix.service", "dovecot.service"
_UNITS = (POSTFIX, ADOPTED_UNIT, DOVECOT)  # Postfix is ordered after Dovecot, so it ends before
_UNIT_SECONDS, _QUIET_SECONDS = 120.0, 30.0


class Writers:
    """What writes to the mail store, over SSH."""

    def __init__(self, cluster: Cluster, ssh: Ssh) -> None:
        """Take the way to the mail nodes."""
        self._cluster, self._ssh = cluster, ssh

    def until_delivered(self, node: Node) -> None:
        """Wait until nothing is being delivered, not for ever: what is, at a stop, is delivered again later."""
        with suppress(CommandFailed):
            wait_until(
                lambda: not delivers(self._ssh.run(node, ["postqueue", "-j"], within=20)),
                within=DELIVER_SECONDS, what=_("deliveries"), every=0.2,
            )

    def stop(self, nodes: Sequence[Node]) -> None:
        """Stop them, one node after the other, and see that nothing of them is left; raise RelevoError if there is."""
        for node in nodes:
            self._ssh.run(node, ["systemctl", "stop", *_UNITS], within=_UNIT_SECONDS)
            wait_until(
                lambda node=node: self._is_quiet(node), within=_QUIET_SECONDS,  # type: ignore[misc]
                what=_("the end of Postfix and Dovecot on {name}").format(name=node.name), every=0.3,
            )

    def down_since(self) -> tuple[str, ...]:
        """Return, of each mail node, since when they are down: the same text as long as nothing was started."""
        asked = ("systemctl", "show", "--property=Id,ActiveState,InactiveEnterTimestampMonotonic", *_UNITS)
        return tuple(self._ssh.run(node, asked) for node in self._cluster.mail_nodes)

    def start(self, nodes: Sequence[Node], mark: str) -> list[str]:
        """Start them, one node after the other, without the mark that keeps the store from being mounted.

        Returns:
            What could not be done, a sentence each: what fails on one node does not keep the other one waiting.
        """
        left = []
        for node in nodes:
            try:
                self._ssh.run(node, ["rm", "-f", mark])
                self._ssh.run(node, ["systemctl", "start", STORAGE_UNIT, DOVECOT, POSTFIX], within=_UNIT_SECONDS)
            except RelevoError as error:
                text = _("{error}: start Postfix and Dovecot there by hand, or run the command again")
                left.append(text.format(error=error))
        return left

    def _is_quiet(self, node: Node) -> bool:
        """Tell whether no process of Postfix's or the mail user's is left; a unit that had to be killed has failed."""
        states = self._ssh.run(node, ["systemctl", "show", "--value", "--property=ActiveState", *_UNITS]).split()
        owners = ["-uid", str(VMAIL_UID), "-o", "-uid", str(POSTFIX_ID)]
        left = self._ssh.run(node, ["find", "/proc", "-maxdepth", "1", "(", *owners, ")", "-print"])
        return set(states) == {"inactive"} and not left.strip()

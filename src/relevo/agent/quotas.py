"""Whether Postfix may ask Dovecot for a mailbox's quota: it asks by a name that is there only while mailboxes are ours.

Who asks has the mailbox opened, and its index mended where that seems needed: two nodes that do so at once damage it.
Where nobody is to be asked Postfix takes the message at once, and the delivery finds out whether there is room.
Standard library only.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from relevo.agent.settings import Settings


class Quotas:
    """The name `link` of the socket at which Dovecot answers; none when there is no such socket on this machine."""

    def __init__(self, socket: str = "", link: str = "") -> None:
        self._socket, self._link = socket, Path(link)

    def may_be_asked(self) -> None:
        """Let Postfix ask; may raise OSError."""
        if self._socket:
            with suppress(FileExistsError):
                self._link.symlink_to(self._socket)

    def are_not_asked(self) -> None:
        """Let nobody ask."""
        if self._socket:
            self._link.unlink(missing_ok=True)


def quotas(settings: Settings) -> Quotas:
    """Return what the agent is told of them."""
    config = settings.config
    return Quotas(config["dovecot_quota_socket"], config["quota_link"]) if settings.is_mail else Quotas()

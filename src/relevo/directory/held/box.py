"""The mailbox of posts that wait, by IMAP: as the quarantine's (relevo.directory.quarantine.store)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.conf import settings

from relevo.cluster.wires import held_mailbox
from relevo.directory.held.posts import INDEX, Post, post
from relevo.directory.quarantine.sight import EVERYTHING
from relevo.directory.quarantine.store import Store, selected
from relevo.i18n import _


class Box(Store):
    """The posts; numbers are IMAP's UIDs."""

    def posts(self) -> list[Post]:
        """Return all posts, the latest first; of two copies of one (a delivery that was done twice) the first.

        There are no more than people have to decide about, so all are read.
        """
        found = {one.id: one for one in sorted(self._posts(self.search(EVERYTHING)), key=lambda one: -one.uid)}
        return sorted(found.values(), key=lambda one: one.uid, reverse=True)

    def numbers_of(self, given: Sequence[str]) -> list[int]:
        """Return the numbers of all copies of posts, by the posts' ids."""
        wanted = set(given)
        return [one.uid for one in self._posts(self.search(EVERYTHING)) if one.id in wanted]

    def _posts(self, numbers: Sequence[int]) -> list[Post]:
        return [made for one in self.headers(numbers, INDEX) if (made := post(*one))]


@contextmanager
def opened() -> Iterator[Box]:
    """Log in to it.

    Raises:
        QuarantineError: this node may not touch mailboxes now, or Dovecot does not answer.
    """
    unreadable = _("posts that wait can't be read now ({reason}): try again in a few seconds, then see `relevo status`")
    with selected(held_mailbox(settings.RELEVO_DOMAIN), unreadable) as line:
        yield Box(line)

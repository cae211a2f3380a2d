"""Which lists' posts somebody sees and decides about."""

from __future__ import annotations

from dataclasses import dataclass

from relevo.directory.models import DistributionList, Mailbox


@dataclass(frozen=True)
class Sight:
    """The lists, by their keys; None: all."""

    lists: frozenset[int] | None = None

    def sees(self, number: int) -> bool:
        """Tell whether a list's posts are seen, by its key."""
        return self.lists is None or number in self.lists


EVERYTHING = Sight()  # global administrators, and root on a node


def of_owner(box: Mailbox) -> Sight:
    """Return what a mailbox's owner sees: the posts to the lists that he looks after."""
    return Sight(frozenset(box.owned_lists.values_list("list_id", flat=True)))


def of_list(entry: DistributionList, within: Sight = EVERYTHING) -> Sight:
    """Return the sight of one list's posts, nothing when it is not among those that somebody sees."""
    return Sight(frozenset({entry.pk} if within.sees(entry.pk) else ()))

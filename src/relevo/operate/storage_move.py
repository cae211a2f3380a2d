"""What comes next when the mail is moved to another kind of storage, from what the mail nodes say. Pure.

The order of a move: both stores are built, the mail is copied while it flows, the services stop, the rest is copied and
compared, the machines get the new store, the services start. It may be interrupted anywhere.

Invariant (tests/unit/operate/test_storage_move.py replays every interrupted state): the new store is written to by a
copy only while both mail nodes have the old one, by name and by mount. From the first sign of the new one on a mail
node services may have written to it, and nothing but the switch goes on: no store that has taken mail is copied over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from relevo.cluster.model import StorageSection
from relevo.deploy import stores
from relevo.errors import RelevoError
from relevo.i18n import _

_OWN_KEYS = {
    "glusterfs": ("brick",),
    "nfs": ("export",),
    "external": ("external_source", "external_type", "external_options"),
}


@dataclass(frozen=True)
class Place:
    """What a mail node says of its mail store.

    `store`: its own copy of the cluster file; `mounts`: the kind that its unit mounts; `serves`: the store is mounted,
    Postfix and Dovecot run.
    """

    node: str
    store: StorageSection
    mounts: str
    serves: bool = True


class Step(Enum):
    """What comes next."""

    NOTHING = "nothing"  # the mail is there
    RESUME = "resume"  # the services were stopped for the last copy and nothing was switched: start them, then begin
    BEGIN = "begin"  # build the new store and copy
    SWITCH = "switch"  # all is copied and at least one mail node has the new store: give it to all


def next_step(places: Sequence[Place], wanted: StorageSection) -> Step:
    """Return what comes next; see the invariant above.

    Args:
        places: what both mail nodes say.
        wanted: the operator's table [storage].

    Raises:
        RelevoError: nothing can be done safely; the sentence says what the operator may do.
    """
    named = {place.node: place.store for place in places if place.store.kind == wanted.kind}
    if wrong := stores.faults(wanted, named):
        raise RelevoError("\n".join(wrong))
    if not named and not any(place.mounts == wanted.kind for place in places):
        _demand_agreement(places)
        is_stopped = not all(place.serves for place in places)
        return Step.RESUME if is_stopped and any(place.store.moving_to for place in places) else Step.BEGIN
    whole = all(place.serves and place.store.kind == place.mounts == wanted.kind for place in places)
    return Step.NOTHING if whole else Step.SWITCH


def both(old: StorageSection, wanted: StorageSection) -> StorageSection:
    """Return the table with which the machines have the old store, and the wanted one is built beside it."""
    kept = {key: getattr(old, key) for key in _OWN_KEYS[old.kind]}
    return wanted.model_copy(update={**kept, "kind": old.kind, "moving_to": wanted.kind})


def _demand_agreement(places: Sequence[Place]) -> None:
    stands = {(place.store.kind, place.store.place, place.mounts) for place in places}
    if len(stands) > 1:
        said = ", ".join(f"{place.node}: {place.store.kind} ({place.mounts})" for place in places)
        text = _(
            "the mail nodes do not have the same mail store ({said}): put the old one back into the cluster file, "
            "relevo apply, then begin again"
        )
        raise RelevoError(text.format(said=said))

"""Where the mail is on a platform that stands, as its machines know it: no apply may mount another store over it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from relevo.cluster.model import StorageSection
from relevo.cluster.wires import CLUSTER_FILE
from relevo.errors import UnfitError
from relevo.i18n import _

# One line `store` and the table [storage] of the machine's own copy of the cluster file, as JSON; none without a file.
QUESTION = (
    "python3 -c 'import json, tomllib; print(\"store\", "
    f"json.dumps(tomllib.load(open(\"{CLUSTER_FILE}\", \"rb\")).get(\"storage\", {{}})))' 2>/dev/null"
)
_SIGN = "store "


def parse(answer: str) -> StorageSection | None:
    """Read the line among a machine's answers; None when it has no cluster file, or one that can't be read.

    A key that this version does not know is left out.
    """
    found = next((line.removeprefix(_SIGN) for line in answer.splitlines() if line.startswith(_SIGN)), "")
    try:
        table: Any = json.loads(found) if found else None
        if not isinstance(table, dict):
            return None
        return StorageSection(**{key: value for key, value in table.items() if key in StorageSection.model_fields})
    except (ValueError, ValidationError):
        return None


def faults(wanted: StorageSection, standing: Mapping[str, StorageSection]) -> list[str]:
    """Say of each mail node whose store is another one than the cluster file's what to do, a sentence each.

    Args:
        wanted: the table [storage] of the cluster file.
        standing: what the machines that are part of the platform say of theirs, by name.
    """
    return [str(UnfitError(name, why)) for name, have in standing.items() for why in _fault(wanted, have)]


def _fault(wanted: StorageSection, have: StorageSection) -> Iterator[str]:
    if have.kind != wanted.kind:
        text = _(
            "the mail is in {have}, and the cluster file says {wanted}: apply would mount an empty store over it. To "
            'take the mail along: relevo storage move {wanted}; or put kind = "{have}" back'
        )
        yield text.format(have=have.kind, wanted=wanted.kind)
    elif have.place != wanted.place:
        yield _other_place(wanted.kind).format(have=have.place, wanted=wanted.place)


def _other_place(kind: str) -> str:
    if kind == "glusterfs":
        return _(
            'its copy of the mail is in {have}, and the cluster file says {wanted}: put brick = "{have}" back; a brick '
            "does not move to another folder, mount the disk where it is"
        )
    if kind == "nfs":
        return _(
            'the mail is in the export {have}, and the cluster file says {wanted}: put export = "{have}" back; to have '
            "it on another disk, move the mail to another kind of storage and back"
        )
    return _(
        "the mail is in {have}, and the cluster file says {wanted}: apply would mount another store over it. Put "
        'external_source = "{have}" back; to take the mail along, move it to another kind of storage first, and from '
        "there to {wanted}"
    )

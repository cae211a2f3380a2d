"""Users and groups whose files lie on the shared storage: they have the same numbers on every machine.

Each mail node takes the other's queue over as it is on the disk, and there an owner is a number. Debian's packages take
the first free one, so these are made before any package is installed; a package finds its user and leaves it alone.
"""

from __future__ import annotations

import grp
import pwd
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from relevo.cluster.model import Node, Role
from relevo.cluster.wires import POSTDROP_GID, POSTFIX_ID, VMAIL_GID, VMAIL_UID, VMAIL_USER
from relevo.i18n import _, gettext_noop

USER, GROUP = gettext_noop("user"), gettext_noop("group")
_NO_LOGIN = "/usr/sbin/nologin"


@dataclass(frozen=True)
class Identity:
    """A user or a group; a user has the group of its name, and `home` and `comment` as its package would give it."""

    kind: str
    name: str
    number: int
    everywhere: bool = False  # or only on mail nodes
    home: str = "/nonexistent"
    comment: str = ""

    def is_wanted(self, node: Node) -> bool:
        """Tell whether this machine has it."""
        return self.everywhere or Role.MAIL in node.roles


IDENTITIES = (  # a group before its user
    Identity(GROUP, VMAIL_USER, VMAIL_GID, everywhere=True),
    Identity(USER, VMAIL_USER, VMAIL_UID, everywhere=True, comment="owner of all mailboxes"),
    Identity(GROUP, "postfix", POSTFIX_ID),
    Identity(USER, "postfix", POSTFIX_ID, home="/var/spool/postfix", comment="Postfix MTA"),
    Identity(GROUP, "postdrop", POSTDROP_GID),
)
Seen = frozenset[tuple[str, str, int]]  # kind, name and number of what a machine has of these names and numbers


def question() -> str:
    """Return the shell lines that ask a machine for them; each answer is `identity KIND NAME NUMBER`."""
    return "\n".join(_getent(database, kind) for database, kind in (("passwd", USER), ("group", GROUP)))


def _getent(database: str, kind: str) -> str:
    mine = [one for one in IDENTITIES if one.kind == kind]
    keys = " ".join([*(one.name for one in mine), *(str(one.number) for one in mine)])
    return f"getent {database} {keys} | awk -F: '{{print \"identity\", \"{kind}\", $1, $3}}'"


def faults_of(node: Node, seen: Seen, *, managed: bool) -> Iterator[str]:
    """Yield why a machine can't have them, a sentence each.

    What an earlier version installed may have other numbers: that is fine where they are equal, see `unequal`.
    """
    numbers = {(kind, name): number for kind, name, number in seen}
    owners = {(kind, number): name for kind, name, number in seen}
    for one in IDENTITIES:
        if not one.is_wanted(node):
            continue
        have, owner = numbers.get((one.kind, one.name)), owners.get((one.kind, one.number))
        if have is None and owner:
            text = _("the {kind} id {number} belongs to {owner}, and {name} needs it: give {owner} another")
            yield text.format(kind=_(one.kind), number=one.number, owner=owner, name=one.name)
        elif have not in {None, one.number} and not managed:
            text = _("its {kind} {name} has the id {have}, and must have {number} as on all machines: {advice}")
            yield text.format(kind=_(one.kind), name=one.name, have=have, number=one.number, advice=_advice(one))


def unequal(machines: Mapping[str, Seen]) -> Iterator[str]:
    """Yield what has other numbers on one of these mail nodes than on another, a sentence each."""
    for one in IDENTITIES:
        have = {
            node: next((number for kind, name, number in seen if (kind, name) == (one.kind, one.name)), one.number)
            for node, seen in machines.items()
        }
        if len(set(have.values())) > 1:
            told = ", ".join(_("{number} on {node}").format(number=number, node=node) for node, number in have.items())
            text = _("the {kind} {name} has the id {ids}: neither could deliver the other's mail; {advice}")
            yield text.format(kind=_(one.kind), name=one.name, ids=told, advice=_advice(one))


def _advice(one: Identity) -> str:
    if one.name == VMAIL_USER:
        return _("`{command}` gives it that one; then give it its files, too").format(command=f"{one.kind}mod")
    return _(
        "if it has no mail to keep, `apt-get purge postfix`, `deluser postfix` and `delgroup postdrop` remove it, and "
        "Relevo makes it anew"
    )


def needed(one: Identity) -> str | None:
    """Say that it is to be made on this machine, or None when it is there."""
    try:
        (pwd.getpwnam if one.kind == USER else grp.getgrnam)(one.name)
    except KeyError:
        return _("make it, with the id {number}").format(number=one.number)
    return None


def making(one: Identity) -> list[str]:
    """Return the command that makes it."""
    if one.kind == GROUP:
        return ["groupadd", "--gid", str(one.number), one.name]
    return [
        "useradd", "--uid", str(one.number), "--gid", one.name, "--home-dir", one.home, "--no-create-home",
        "--shell", _NO_LOGIN, "--comment", one.comment, one.name,
    ]


def as_files() -> Mapping[str, str]:
    """Return the lines of /etc/passwd and /etc/group that make them, by the file: an image has no other way yet."""
    numbers = {one.name: one.number for one in IDENTITIES if one.kind == GROUP}
    return {
        "etc/group": "".join(f"{one.name}:x:{one.number}:\n" for one in IDENTITIES if one.kind == GROUP),
        "etc/passwd": "".join(
            f"{one.name}:*:{one.number}:{numbers[one.name]}:{one.comment}:{one.home}:{_NO_LOGIN}\n"
            for one in IDENTITIES if one.kind == USER
        ),
    }

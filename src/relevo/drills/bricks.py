"""Each machine's copy of the mail, beneath GlusterFS: every message is there under one name and as long as it says.

A copy that was healed while a client did not reach it may have a message under its old name, too, or an empty one, and
nothing is left to heal (`relevo.agent.healing`): only who reads that copy, or deletes the folder, comes to know it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from relevo.cluster.wires import MAIL_MOUNT, MAILBOX_ROOT
from relevo.drills.vocabulary import World
from relevo.i18n import _

_FORMAT = r"%i %s %P\n"
# `<seconds>.M<microseconds>P<process>.<host>[,S=<bytes>,W=<bytes>][:2,<flags>]` in tmp, new or cur
_MESSAGE = re.compile(r"(\d+) (\d+) .*/(\d+\.M\d+P\w+\.[^/,:]+)(?:,S=(\d+))?[^/]*")


def judge_copies(world: World, title: str) -> None:
    """Look at the copies of all machines, once nothing is left to be copied; the third one has names alone."""
    if world.cluster.storage.kind != "glusterfs":
        return
    with world.checking(
        _("{event}: each copy").format(event=title), tried=_("look at the files of each machine, beneath GlusterFS"),
        expected=_("each message under one name, and as long as its name says"),
    ) as check:
        folder = world.cluster.storage.brick + MAILBOX_ROOT.removeprefix(MAIL_MOUNT)
        found, count = list[str](), 0
        for node in world.nodes.values():
            lines = node.run("find", folder, "-type", "f", "-printf", _FORMAT, within=120).splitlines()
            count += len(lines)
            found += [f"{node.name}: {what}" for what in wrong(lines, whole=node is not world.storage_node)]
        check.saw("; ".join(found) or _("so it is: {count} files").format(count=count), good=not found)


def wrong(lines: Iterable[str], *, whole: bool) -> list[str]:
    """Return what is wrong with a copy; `lines`: inode, bytes and path of each file; `whole`: it has contents, too."""
    names, found = defaultdict[tuple[str, str], list[str]](list), list[str]()
    for line in lines:
        if not (parts := _MESSAGE.fullmatch(line)):
            continue
        inode, size, name, said = parts.groups()
        names[inode, name].append(line.split(maxsplit=2)[2])
        if whole and said and said != size:
            found.append(_("{path} has {size} bytes").format(path=names[inode, name][-1], size=size))
    return found + [" = ".join(sorted(paths)) for paths in names.values() if len(paths) > 1]

"""Mailboxes for whoever looks at the lab."""

from __future__ import annotations

import secrets as random

from relevo.cluster import load
from relevo.cluster.wires import RELEVO_COMMAND
from relevo.errors import LabError
from relevo.i18n import _
from relevo.lab.contract import Lab
from relevo.lab.workspace import Workspace

_PEOPLE = ("ana", "luis")


def add_people(lab: Lab) -> None:
    """Make two mailboxes for people to try, and note their passwords, unless this lab has them; the platform stands."""
    workspace = Workspace(lab.folder)
    if workspace.logins():
        return
    cluster = load.load(workspace.cluster_file)
    logins = {f"{name}@{cluster.domain}": random.token_urlsafe(9) for name in _PEOPLE}
    for address, password in logins.items():
        command = [RELEVO_COMMAND, "mailbox", "add", address, "--password-stdin"]
        done = lab.run(cluster.mail_nodes[0].name, command, stdin=password + "\n")
        if done.returncode:
            text = _("the mailbox {address} could not be made: {error}")
            raise LabError(text.format(address=address, error=done.stderr.strip()))
    workspace.note_logins(logins)

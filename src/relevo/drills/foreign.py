"""What arrived at the foreign mail server of a lab."""

from __future__ import annotations

import base64

from relevo.drills.vocabulary import World, eventually
from relevo.i18n import _
from relevo.lab.contract import CLIENT, OUTSIDE_MAILDIR


def arrived(world: World, token: str, *, within: float) -> bytes:
    """Wait for a message with a token and return it; raise DrillError when none comes."""
    return eventually(lambda: _look(world, token), within=within, what=_("the message at the outside server"))


def _look(world: World, token: str) -> bytes:
    search = ["grep", "--recursive", "--files-with-matches", "--fixed-strings", token, OUTSIDE_MAILDIR]
    paths = world.platform.run(CLIENT, search, within=20, stdin=None).split()
    return base64.b64decode(world.platform.run(CLIENT, ["base64", paths[0]], within=20, stdin=None))

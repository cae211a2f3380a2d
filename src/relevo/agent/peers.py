"""What the agents of the other machines last said, as this node needs it; who speaks another version is not heard."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable

from relevo.agent import view as views
from relevo.agent.links import Heard, Links
from relevo.agent.ownership import Word
from relevo.agent.settings import Peer
from relevo.agent.verdict import PeerWord


class Peers:
    """The words of the others; `other` below is the other mail node."""

    def __init__(self, peers: Iterable[Peer], links: Links) -> None:
        """Take who they are, and the links over which they are heard."""
        self._peers, self._links = tuple(peers), links

    def words(self) -> dict[str, Word]:
        """Return, by machine, what it last said of who may write."""
        words = {}
        for node, heard in self._links.heard.items():
            with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
                lives = heard.closed or self._links.answers(node)
                words[node] = views.ownership_word(heard.view, heard.at, heard.alive_at, lives=lives)
        return words

    def other_word(self) -> PeerWord | None:
        """Return what the verdict needs of the other's word; None when it has not been heard of."""
        if not (heard := self._other()):
            return None
        try:
            return views.word(heard.view, heard.at, heard.alive_at)
        except (KeyError, TypeError, ValueError):
            return None

    def bad_there(self, now: float) -> frozenset[str]:
        """Return the probes that are bad on the other, as far as it is heard."""
        word = self.other_word()
        return word.bad if word and word.is_fresh(now) else frozenset()

    def is_well_there(self, name: str) -> bool:
        """Tell whether the other says that this probe is good, vital or not."""
        probes = heard.view.get("probes") if (heard := self._other()) else ()
        return any(probe.get("name") == name and probe.get("good") is True for probe in probes or ())

    def other_does(self, part: str) -> bool:
        """Tell whether the other says so of its part in a switchover, and says it now."""
        if not (heard := self._other()):
            return False
        said = heard.view.get("handover")
        fresh = heard.is_fresh(time.monotonic())
        return fresh and isinstance(said, dict) and bool(said.get(part))

    def other_is_open(self) -> bool:
        """Tell whether the other lets deliveries in, as it last said."""
        heard = self._other()
        return bool(heard and heard.view.get("holder") and heard.view.get("guard", {}).get("open"))

    def with_ages(self, now: float) -> views.View:
        """Return, by machine, its last view, that one's age, and the age of the last word that it still holds."""
        return {peer.node: _with_age(self._links.heard.get(peer.node), now) for peer in self._peers}

    def _other(self) -> Heard | None:
        names = (peer.node for peer in self._peers if peer.is_mail)
        return next((heard for name in names if (heard := self._links.heard.get(name))), None)


def _with_age(heard: Heard | None, now: float) -> views.View:
    if heard is None:
        return {"age": None, "view_age": None, "view": None}
    return {"age": round(now - heard.alive_at, 3), "view_age": round(now - heard.at, 3), "view": heard.view}

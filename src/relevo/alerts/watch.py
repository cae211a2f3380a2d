"""relevo-watch, on a mail node: tells people that the storage machine, which tells everything else, has fallen silent.

`python -m relevo.alerts.watch --urls FILE --cluster NAME --storage NODE --repeat-hours N`, started by
relevo-watch.service. The active node tells; when none is heard, every node that is left.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from relevo.agent.ask import ask
from relevo.alerts.delivery import Delivery
from relevo.alerts.message import FAILURE, SUCCESS, Message
from relevo.alerts.sending import send
from relevo.alerts.ways import parse
from relevo.i18n import _

log = logging.getLogger("relevo.alerts")
LOOK_SECONDS = 5.0
HEARD_SECONDS = 5.0  # as in `relevo status`: an older word is none
SILENT_SECONDS = 60.0  # a reboot of a quick machine is no news
BACK_SECONDS = 30.0


class Watch:
    """What was told, and what is to be told now. Pure; times are seconds of one clock."""

    def __init__(self, cluster: str, storage: str, repeat_seconds: float) -> None:
        """Take the cluster's name, the storage machine's, and how often to tell again."""
        self._cluster, self._storage, self._repeat = cluster, storage, repeat_seconds
        self._heard_since: float | None = None
        self._silent_since: float | None = None
        self._told = -math.inf

    def look(self, whole: Mapping[str, Any], now: float) -> Message | None:
        """Return what is to be told after one more look at the agent's whole view."""
        if _heard(whole["peers"].get(self._storage)):
            self._silent_since = None
            self._heard_since = now if self._heard_since is None else self._heard_since
            return self._back() if self._told > -math.inf and now - self._heard_since >= BACK_SECONDS else None
        self._heard_since = None
        self._silent_since = now if self._silent_since is None else self._silent_since
        is_due = now - self._silent_since >= SILENT_SECONDS and now - self._told >= self._repeat
        if not is_due or not _is_ours_to_tell(whole):
            return None
        self._told = now
        return Message(
            f"Relevo {self._cluster}: " + _("{node} says nothing").format(node=self._storage),
            _(
                "It is off, cut off, or its agent does not run. Mail goes on, but no second machine may fail, DHCP "
                "hands out nothing, and no other alert comes until it is back. Is it on? Then on it: `systemctl "
                "status relevo-agent`. If it will not come back: `relevo replace {node}`."
            ).format(node=self._storage),
            FAILURE,
        )

    def _back(self) -> Message:
        self._told = -math.inf
        said = _("{node} is back").format(node=self._storage)
        return Message(f"Relevo {self._cluster}: {said}", _("It tells the other alerts again."), SUCCESS)


def _heard(peer: Mapping[str, Any] | None) -> bool:
    return peer is not None and peer["age"] is not None and peer["age"] <= HEARD_SECONDS


def _is_ours_to_tell(whole: Mapping[str, Any]) -> bool:
    """Tell whether this node is active, or hears nobody who is."""
    heard = [peer["view"] for peer in whole["peers"].values() if _heard(peer)]
    return bool(whole["own"]["holder"]) or not any(view["holder"] for view in heard)


def main() -> int:
    """Look until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    parser = argparse.ArgumentParser(description="Tell when the storage machine is silent.")
    parser.add_argument("--urls", type=Path, required=True)
    parser.add_argument("--cluster", required=True)
    parser.add_argument("--storage", required=True)
    parser.add_argument("--repeat-hours", type=float, required=True)
    asked = parser.parse_args()
    deliveries = [Delivery(way, send) for way in parse(asked.urls.read_text(encoding="utf-8"))]
    watch = Watch(asked.cluster, asked.storage, asked.repeat_hours * 3600)
    while True:
        try:
            message = watch.look(json.loads(ask("view")), time.monotonic())
        except (OSError, ValueError, KeyError, TypeError) as error:  # the agent begins, or speaks another version
            log.info("the agent does not answer: %s", type(error).__name__)
            message = None
        if message:
            log.info("%s", message.title)
            for delivery in deliveries:
                delivery.put(message)
        time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    sys.exit(main())

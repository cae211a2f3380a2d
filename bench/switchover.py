# ruff: noqa: INP001 - a script, no package
"""Measure for how long new connections have no answer in a planned switchover, in the lab.

Method: from outside, each exchange of `relevo.drills.probes` begins anew on its own grid (20 ms for a greeting of SMTP,
IMAP and POP3 and for a file of the webmail; 0.1 to 0.5 s where a login or a page costs the server more), and
`relevo switchover` runs meanwhile. The time is from the end of the last good exchange before a gap to the end of the
first good one after it, at the longest: the grid is in it. `lost` counts exchanges that had no good answer; a
connection that is not made within 0.5 s is one. No other load. Prints JSON.

    python bench/switchover.py --file .lab/relevo.toml --times 10
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

from relevo.drills.outage import Outage
from relevo.drills.outside import lab_world
from relevo.drills.vocabulary import World

_SWITCH_SECONDS, _CALM_WITHIN_SECONDS = 60.0, 30.0


def main() -> int:
    """Switch over so many times and print the figures."""
    options = _options()
    with lab_world(options.file) as world:
        try:
            world.accounts.make(world.relevo)
            found = measure(world, options.times)
        finally:
            world.accounts.remove(world.relevo)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 0


def measure(world: World, times: int) -> dict[str, dict[str, object]]:
    """Return what each exchange saw: the seconds of every switchover, their median and worst, and what was lost."""
    seen: dict[str, list[Outage]] = defaultdict(list)
    for _number in range(times):
        world.until_healthy()
        world.forgive()
        with world.watching() as watch:
            since = time.monotonic()
            world.platform.relevo("switchover", within=_SWITCH_SECONDS)
            watch.until_steady(time.monotonic(), within=_CALM_WITHIN_SECONDS)
            for exchange, outage in watch.outages(since):
                seen[f"{exchange.protocol}: {exchange.does}, every {exchange.every:g} s"].append(outage)
    return {
        name: {
            "median_s": round(median(one.seconds for one in of), 3),
            "worst_s": round(max(one.seconds for one in of), 3),
            "lost": sum(one.lost for one in of), "of": sum(one.probes for one in of),
            "seconds": [round(one.seconds, 3) for one in of],
        }
        for name, of in seen.items()
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else "")
    parser.add_argument("--file", type=Path, default=Path(".lab/relevo.toml"), help="the lab's cluster file")
    parser.add_argument("--times", type=int, default=10)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

"""Run drills: make accounts, run one after the other, mend after each whatever it broke, remove the accounts."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from relevo.drills.drill import Drill
from relevo.drills.recorder import Recorder
from relevo.drills.result import Check, DrillResult, Run, Verdict
from relevo.drills.vocabulary import World
from relevo.drills.waiting import TROUBLE, NotHere, describe
from relevo.i18n import _

# live(drill, check) is called with every check as soon as it is made
Live = Callable[[Drill, Check], None]


def run_drills(world: World, drills: Sequence[Drill], *, repeat: int, live: Live) -> Run:
    """Run the drills `repeat` times with accounts of their own; also when interrupted, nothing of them stays behind."""
    started = datetime.now().astimezone().isoformat(timespec="seconds")
    results: list[DrillResult] = []
    try:
        world.accounts.make(world.relevo)
        for number in range(1, repeat + 1):
            results += [replace(run_one(world, drill, live), round=number) for drill in drills]
    finally:
        world.restore()
        left = world.accounts.remove(world.relevo)
    if left and results:
        results[-1] = _with_failure(results[-1], _("clean-up of the accounts"), "; ".join(left))
    return Run(world.cluster.cluster.name, world.cluster.vip, started, world.platform.in_lab, tuple(results))


def run_one(world: World, drill: Drill, live: Live) -> DrillResult:
    """Run one drill; whatever it does to machines is undone before this returns."""
    began = time.monotonic()
    recorder = world.recorder = Recorder(lambda check: live(drill, check))
    try:
        drill.run(world)
    except NotHere as reason:
        recorder.not_run(drill.title, str(reason))
    except TROUBLE as trouble:
        recorder.failed(_("the drill could go no further"), describe(trouble))
    except Exception as mistake:  # noqa: BLE001 - a mistake in one drill must not keep the others from running
        where = traceback.extract_tb(mistake.__traceback__)[-1]
        text = f"{type(mistake).__name__}: {mistake} ({where.filename.rsplit('/', 1)[-1]}:{where.lineno})"
        recorder.failed(_("the drill itself is at fault"), text)
    finally:
        for what in world.restore():
            recorder.failed(_("clean-up"), what)
    seconds = time.monotonic() - began
    return DrillResult(drill.name, drill.title, tuple(recorder.checks), seconds, tuple(recorder.pictures))


def _with_failure(result: DrillResult, name: str, what: str) -> DrillResult:
    failure = Check(name, "-", "-", what, Verdict.FAILED)
    return replace(result, checks=(*result.checks, failure))

"""How long the agent waits: on slow machines all of it takes longer, by one factor (`failover.patience`).

A machine that is emulated, or shares its processors with many others, needs seconds for what takes others a moment.
Every limit of the agent is compared with another one (three missed words are silence, a repair comes before a move), so
they grow together: each constant that says how long something may take, or how often it is done, is written as
`paced(0.5)`. What does not depend on the machine's speed, as what people and their programs wait for, stays.
"""

from __future__ import annotations

import os

VARIABLE = "RELEVO_PATIENCE"  # the same gives the commands of `relevo apply` their time
MOST = 30.0


def factor(told: str) -> float:
    """Return how many times longer than usual is waited: what is told, 1 when that is no number from 1 to 30."""
    try:
        number = float(told)
    except ValueError:
        return 1.0
    return number if 1 <= number <= MOST else 1.0


_FACTOR = factor(os.environ.get(VARIABLE, ""))


def is_of(wanted: float) -> bool:
    """Tell whether this process waits that many times longer: its modules' constants stay as they are."""
    return wanted == _FACTOR


def for_next(wanted: float) -> None:
    """Have the program that this process executes next wait that many times longer."""
    os.environ[VARIABLE] = repr(wanted)


def paced(usual: float) -> float:
    """Return how long something takes here that takes so many seconds on a machine of usual speed."""
    return usual * _FACTOR

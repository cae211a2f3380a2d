"""Rules over many rows, such as "one of these must stay", on two nodes that write at the same time.

A lock (SELECT ... FOR UPDATE) is known to its own node alone. Between nodes Galera compares at the commit which rows
two transactions have written, and lets the first one pass; two that wrote different rows, each right by itself, both
pass, though together they break the rule. Whoever is bound by such a rule therefore writes one row that all who are
bound by it write, before looking at the others: of two at once only one passes then, and `database.changing` runs the
other one again, which sees what the first one has done.

Galera compares what has really changed in a row, hence the number in it.
"""

from __future__ import annotations

from django.db.models import F

from relevo.directory.guard_models import LENGTH, Guard

ADMINISTRATORS = "administrators"  # somebody must be left who lets people in


def hold(name: str) -> None:
    """Let nobody else who holds the same guard commit beside the caller's transaction, on whichever node.

    Two names that begin with the same 50 characters are one guard, which only has somebody wait for nothing.
    """
    name = name[:LENGTH]
    if not Guard.objects.filter(name=name).update(turn=F("turn") + 1):
        Guard.objects.create(name=name)

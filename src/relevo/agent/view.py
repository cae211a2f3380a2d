"""What a node knows of itself, as the JSON that `relevo status`, the web and the other agents read.

All times in it are ages in seconds, so that it means the same on a machine with another clock.

    node, time, started       name; its wall clock; seconds since the agent began
    up                        seconds since the machine began; null when it can't be told
    holder, holder_since      whether the virtual IP is here, and for how long
    weight, why, seen         the verdict, in words; `seen` is false until every vital probe has had an outcome
    drained                   it stays behind by hand (`relevo.agent.planned`)
    handover                  gives, receives: where a switchover is (`relevo.agent.handover`)
    keepalived                state of its unit, or "" on a node without
    probes                    list of: name, service, vital, good (true, false, null), since, age, succeeded, took,
                              text, figures (only of those that count something: `relevo.agent.probe.Figures`)
    faults                    list of: probe, service, why, local
    guard                     claim, concedes, cut, asks, clean (see `relevo.agent.ownership`), open (the gate), adopts
                              (whose queue is delivered here), why (what the gate waits for, or what could not be done)
    database                  of a mail node: phase, for (seconds), keeps_view, uuid, seqno (`relevo.agent.revival`);
                              of the third vote: held, for
    took                      how the virtual IP came here: last (seconds ago; null: not that is known), day (how often
                              in the last 24 hours)
    moves                     the last events around the virtual IP (`relevo.agent.history`), with wall clock
    relayed                   by name, what was last heard of another machine: age, holder, holder_since, claim,
                              concedes
    misses                    names of the machines that were heard and are not heard any more
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from relevo.agent.faults import UNKNOWN_UNIT, Fault, name_of
from relevo.agent.ownership import Word
from relevo.agent.probe import Probe
from relevo.agent.standing import Standing
from relevo.agent.verdict import BEGIN_SECONDS, PeerWord

View = dict[str, Any]
_MAY_RUN = frozenset({"active", UNKNOWN_UNIT.active})  # keepalived; who has just begun has not heard of it yet


def probes(pairs: Iterable[tuple[Probe, Standing]], now: float) -> list[View]:
    """Return how every probe stands."""
    return [_probe(probe, standing, now) for probe, standing in pairs]


def faults(found: Iterable[Fault]) -> list[View]:
    """Return the faults of a node."""
    return [{"probe": fault.probe, "service": fault.service, "why": fault.why, "local": fault.local} for fault in found]


def word(view: Mapping[str, Any], came: float, alive: float) -> PeerWord:
    """Return what the verdict needs of a peer's view that came at `came` and held until `alive`.

    Raises KeyError, TypeError or ValueError when it is no view.
    """
    return PeerWord(
        heard=alive,
        weight=int(view["weight"]),
        holder=bool(view["holder"]),
        drained=bool(view.get("drained")),
        ready=view["keepalived"] == "active" and bool(view["seen"]),
        begins=view["keepalived"] in _MAY_RUN and not view["seen"] and float(view["started"]) < BEGIN_SECONDS,
        bad=frozenset(str(fault["probe"]) for fault in view["faults"]),
        succeeded={
            str(probe["name"]): came - float(probe["succeeded"])
            for probe in view["probes"] if probe["good"] and probe["succeeded"] is not None
        },
    )


def _probe(probe: Probe, standing: Standing, now: float) -> View:
    last = standing.last
    return {
        "name": name_of(probe),
        "service": probe.service,
        "vital": probe.vital,
        "good": standing.good,
        "since": _age(standing.since, now) if standing.good is not None else None,
        "age": _age(last.at, now) if last else None,
        "succeeded": _age(standing.last_success, now),
        "took": round(last.seconds, 4) if last else None,
        "text": last.text if last else "",
        **({"figures": last.figures} if last and last.figures else {}),
    }


def _age(at: float, now: float) -> float | None:
    return round(now - at, 3) if math.isfinite(at) else None


def relay(words: Mapping[str, Word], now: float) -> View:
    """Return what this node has heard of the others, for those who don't hear them."""
    return {
        name: {
            "age": round(now - word.heard, 3), "holder": word.holder, "holder_since": _age(word.holder_since, now),
            "claim": word.claim, "concedes": word.concedes,
        }
        for name, word in words.items()
    }


def ownership_word(view: Mapping[str, Any], came: float, alive: float, *, lives: bool = False) -> Word:
    """Return what `relevo.agent.ownership` needs of a view that came at `came` and held until `alive`.

    Raises KeyError, TypeError or ValueError when it is no view.
    """
    guard = view["guard"]
    return Word(
        heard=alive, lives=lives, holder=bool(view["holder"]), holder_since=_at(view["holder_since"], came),
        claim=str(guard["claim"]), concedes=str(guard["concedes"]), cut=frozenset(map(str, guard["cut"])),
        asks=str(guard["asks"]), clean=bool(guard["clean"]),
        relayed={str(name): _relayed(word, came) for name, word in view["relayed"].items()},
    )


def _relayed(word: Mapping[str, Any], came: float) -> Word:
    return Word(
        heard=came - float(word["age"]), holder=bool(word["holder"]), holder_since=_at(word["holder_since"], came),
        claim=str(word["claim"]), concedes=str(word["concedes"]),
    )


def _at(age: float | None, came: float) -> float:
    return math.inf if age is None else came - float(age)

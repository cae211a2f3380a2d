"""What of a trace an administrator of some domains may see. Pure.

Of a message from their domains all of it; of a stranger's only the recipients in these, with what happened to them, and
how many others there are: who else gets a message is nobody's business. Whoever was refused at the door has only
claimed to be the sender, so that opens nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from relevo.trace.parts import domain

_ADDRESS = re.compile(r"[^\s<>,;:()\"'=\[\]]+@[A-Za-z0-9.-]+")
_HIDDEN = "…"
_OF_SOMEBODY = ("recipient", "original", "user")


def cut(trace: dict[str, Any], domains: Collection[str]) -> dict[str, Any] | None:
    """Return what may be seen of a trace as `relevo.trace.joining.told` tells it, None when that is nothing."""
    own = [one for one in trace["recipients"] if _domains(one["address"], one["original"]) & {*domains}]
    if domain(trace["sender"] or "") in domains and _is_proven(trace):
        return trace
    if not own and domain(trace["sender"] or "") not in domains:
        return None
    allowed = {address for one in own for address in (one["address"], one["original"])} | _forwarded(trace, domains)
    seen = [one for one in trace["recipients"] if one in own or one["address"] in allowed]
    steps = [_hidden(step, allowed, domains, trace) for step in trace["steps"] if _concerns(step, allowed, domains)]
    return {
        **trace, "recipients": seen, "elsewhere": len(trace["recipients"]) - len(seen), "steps": steps,
        "results": _results(trace, seen),
    }


def _is_proven(trace: dict[str, Any]) -> bool:
    return bool(trace["user"]) or trace["results"] not in (["rejected"], ["rejected", "virus"], ["rejected", "spam"])


def _results(trace: dict[str, Any], seen: list[dict[str, Any]]) -> list[str]:
    """Return the results of those recipients, and of the message as a whole."""
    others = {one["result"] for one in trace["recipients"] if one not in seen} - {one["result"] for one in seen}
    return [result for result in trace["results"] if result not in others]


def _forwarded(trace: dict[str, Any], domains: Collection[str]) -> set[str]:
    return {
        step["told"].get("recipient", "").lower() for step in trace["steps"]
        if step["kind"] == "forwarded" and domain(step["told"].get("user", "")) in domains
    } - {""}


def _concerns(step: dict[str, Any], allowed: set[str], domains: Collection[str]) -> bool:
    if step["kind"] in {"accepted", "filtered", "taken", "adopted", "handed", "expired", "held", "released", "deleted"}:
        return not step["is_notice"]
    told = [step["told"].get(name, "").lower() for name in _OF_SOMEBODY] if step["kind"] != "rejected" else [
        step["told"].get("recipient", "").lower()
    ]
    return any(one in allowed or domain(one) in domains for one in told if one)


def _hidden(step: dict[str, Any], allowed: set[str], domains: Collection[str], trace: dict[str, Any]) -> dict[str, Any]:
    """Return a step in which no other recipient stands."""
    shown = {*allowed, trace["sender"] or "", trace["message_id"].lower(), trace["user"]}

    def replaced(found: re.Match[str]) -> str:
        address = found[0].lower()
        return found[0] if address in shown or domain(address) in domains else _HIDDEN

    def clean(text: str) -> str:
        return _ADDRESS.sub(replaced, text)

    told = {name: clean(value) for name, value in step["told"].items() if name not in {"count", "recipients"}}
    return {**step, "told": told, "lines": [clean(line) for line in step["lines"]]}


def _domains(*addresses: str) -> set[str]:
    return {domain(one) for one in addresses if one}

"""Read the cluster file and gather every mistake in it: each with its line, its path and what to write instead."""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from relevo.cluster.model import Cluster, Node, StorageSection
from relevo.cluster.rules import RULES, no_move_by_hand
from relevo.cluster.rules import Path as KeyPath
from relevo.cluster.wires import CLUSTER_FILE
from relevo.errors import ConfigurationError
from relevo.i18n import _, gettext_noop, ngettext

_EXAMPLES = {
    "domain": '"example.org"',
    "hostname": '"mail.example.org"',
    "subnet": '"192.168.100.0/24"',
    "vip": '"192.168.100.100"',
    "vip6": '"fd00:100::100/64"',
    "address": '"192.168.100.11"',
    "roles": '["mail"]',
    "name": '"acme"',
    "mac": '"52:54:00:12:34:56"',
    "at": '"02:30"',
}
_WHOLE, _NUMBER, _YES_OR_NO = (
    gettext_noop("must be a whole number"), gettext_noop("must be a number"), gettext_noop("must be true or false"),
)
_SENTENCES = {  # by pydantic's names of mistakes; what a sentence takes from the mistake's context stands in braces
    "ip_v4_address": gettext_noop("is not an IPv4 address"),
    "ip_v4_network": gettext_noop("is not an IPv4 network (the address of the network itself, with its prefix)"),
    "ip_v6_interface": gettext_noop("is not an IPv6 address with the prefix length of its network"),
    "string_pattern_mismatch": gettext_noop("has a form that is not allowed"),
    "string_type": gettext_noop("must be text in quotes"),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "bool_type": _YES_OR_NO,
    "bool_parsing": _YES_OR_NO,
    "greater_than_equal": gettext_noop("is too little: at least {ge}"),
    "greater_than": gettext_noop("is too little: more than {gt}"),
    "less_than_equal": gettext_noop("is too much: at most {le}"),
    "less_than": gettext_noop("is too much: less than {lt}"),
    "tuple_type": gettext_noop("must be a list in brackets"),
    "list_type": gettext_noop("must be a list in brackets"),
    "frozen_set_type": gettext_noop("must be a list in brackets"),
    "dict_type": gettext_noop("must be a table"),
    "model_type": gettext_noop("must be a table"),
    "model_attributes_type": gettext_noop("must be a table"),
}


_NOT_WRITTEN = ((Node, "name"), (StorageSection, "moving_to"))  # a node's name is its table's


@dataclass(frozen=True)
class Mistake:
    """One mistake: where it is (line 0: nowhere to point at) and what to write instead."""

    line: int
    path: KeyPath
    message: str

    def __str__(self) -> str:
        where = _("line {number}: ").format(number=self.line) if self.line else ""
        return f"{where}{'.'.join(map(str, self.path))}: {self.message}"


def load(path: Path) -> Cluster:
    """Return the cluster that a file describes; raise ConfigurationError with every mistake in it."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError(_("{path} is missing: `relevo init` writes one").format(path=path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(_("{path} can't be read: {error}").format(path=path, error=error)) from None
    return parse(text, str(path), of_node=path == Path(CLUSTER_FILE))


def parse(text: str, name: str, *, of_node: bool = False) -> Cluster:
    """Return the cluster that a text describes; `name` is what errors call it.

    `of_node`: it is a machine's own copy, which may say that the mail is being moved.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(_("{name}: this is not TOML: {error}").format(name=name, error=error)) from None
    try:
        cluster = Cluster.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise _all([_mistake(text, entry) for entry in found if not _derived(data, entry)], name) from None
    rules = RULES if of_node else (*RULES, no_move_by_hand)
    mistakes = [Mistake(line_of(text, path), path, message) for rule in rules for path, message in rule(cluster)]
    if mistakes:
        raise _all(mistakes, name)
    return cluster


def line_of(text: str, path: KeyPath) -> int:
    """Return the line (from 1) of a key, or of the table that should hold it; 0 when there is none."""
    names = [part for part in path if isinstance(part, str)]
    best, table = 0, []
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[+\s*([^\]#]+?)\s*\]+", line):
            table = [part.strip().strip("\"'") for part in header[1].split(".")]
            if names[: len(table)] == table:
                best = max(best, number) if len(table) == len(names) else best or number
        elif key := re.match(r"\s*([A-Za-z0-9_.\"'-]+)\s*=", line):
            full = [*table, *(part.strip("\"'") for part in key[1].split("."))]
            if names[: len(full)] == full and len(full) > len(table):
                return number
    return best


def _all(mistakes: list[Mistake], name: str) -> ConfigurationError:
    ordered = sorted(set(mistakes), key=lambda m: (m.line, m.path and str(m.path), m.message))
    lines = "\n".join(f"  {mistake}" for mistake in ordered)
    text = ngettext("{name} has {count} mistake:", "{name} has {count} mistakes:", len(ordered))
    return ConfigurationError(f"{text.format(name=name, count=len(ordered))}\n{lines}")


def _mistake(text: str, entry: ErrorDetails) -> Mistake:
    path = tuple(part for part in entry["loc"] if part != "function-before")
    return Mistake(line_of(text, path), path, _sentence(path, entry))


def _derived(data: dict[str, Any], entry: ErrorDetails) -> bool:
    """Tell whether a mistake is about a value that the operator did not write but that follows from a wrong one."""
    section, *rest = entry["loc"]
    return section == "cluster" and rest in (["hostname"], ["postmaster"]) and rest[0] not in data.get("cluster", {})


def _sentence(path: KeyPath, entry: ErrorDetails) -> str:
    kind, key = entry["type"], str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        return _("unknown key") + _did_you_mean(path)
    example = _("; write e.g. {example}").format(example=_EXAMPLES[key]) if key in _EXAMPLES else ""
    if kind == "missing":
        return _("is missing") + example
    if kind in {"literal_error", "enum"}:
        text = _("{value!r} is none of the possible values: {values}")
        return text.format(value=entry["input"], values=entry["ctx"]["expected"].replace(" or ", ", "))
    if (said := _SENTENCES.get(kind)) is None:
        return f"{entry['input']!r} {entry['msg'][:1].lower()}{entry['msg'][1:]}{example}"
    return f"{entry['input']!r} {_(said).format(**entry.get('ctx', {}))}{example}"


def _did_you_mean(path: KeyPath) -> str:
    known = _keys(path[:-1])
    close = difflib.get_close_matches(str(path[-1]), known, n=1)
    if close:
        return _("; did you mean {key!r}?").format(key=close[0])
    return _("; the keys here are {keys}").format(keys=", ".join(sorted(known))) if known else ""


def _keys(path: KeyPath) -> list[str]:
    """Return the keys that the table at that path may have."""
    model: Any = Cluster
    for part in path:
        if isinstance(part, int):
            continue
        if isinstance(model, type) and issubclass(model, BaseModel):
            model = model.model_fields[part].annotation if part in model.model_fields else None
        elif get_origin(model) is dict:
            model = get_args(model)[1]
        if get_origin(model) is tuple:
            model = get_args(model)[0]
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return []
    return [name for name in model.model_fields if (model, name) not in _NOT_WRITTEN]

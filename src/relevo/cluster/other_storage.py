"""The operator's cluster file with another [storage] table: what the machines get while the mail is being moved."""

from __future__ import annotations

import json
import re

from relevo.cluster.load import parse
from relevo.cluster.model import StorageSection
from relevo.errors import ConfigurationError
from relevo.i18n import _

_HEADER = re.compile(r"\s*\[")
_STORAGE = re.compile(r"\s*\[\s*storage\s*\]\s*(#.*)?$")


def with_storage(text: str, name: str, storage: StorageSection) -> str:
    """Return the text with that table in the place of its own.

    Args:
        text: the operator's cluster file.
        name: what errors call it.
        storage: the table, whose `moving_to` may be set.

    Raises:
        ConfigurationError: the text does not have [storage] as a plain table.
    """
    new = "\n".join([*_without_table(text), "", *_table(storage), ""])
    wanted = parse(text, name).with_storage(storage)
    try:
        found = parse(new, name, of_node=True)
    except ConfigurationError:
        found = None
    if found != wanted:
        text = _("{name}: write the mail store as a table of its own, [storage], one key a line")
        raise ConfigurationError(text.format(name=name))
    return new


def _without_table(text: str) -> list[str]:
    kept, inside = [], False
    for line in text.splitlines():
        if _HEADER.match(line):
            inside = bool(_STORAGE.match(line))
        if not inside:
            kept.append(line)
    return kept


def _table(storage: StorageSection) -> list[str]:
    """Return the table's lines; a string of JSON is one of TOML."""
    keys = storage.model_dump(mode="json", exclude_defaults=True)
    return ["[storage]", *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items())]

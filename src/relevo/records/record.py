"""A resource record."""

from __future__ import annotations

from dataclasses import dataclass

_TXT_CHUNK = 255  # bytes of one character-string, RFC 1035 section 3.3


@dataclass(frozen=True)
class Record:
    """A resource record: `name` without the final dot, `data` as in a zone file, a TXT's text whole and unquoted."""

    name: str
    type: str
    data: str

    @property
    def presentation(self) -> str:
        """The data as a zone file wants it: TXT in strings of at most 255 bytes."""
        return quoted(self.data) if self.type == "TXT" else self.data


def quoted(text: str) -> str:
    """Return a text as TXT data: strings of at most 255 bytes, which readers join again (RFC 7208 section 3.3)."""
    chunks = [text[start : start + _TXT_CHUNK] for start in range(0, len(text), _TXT_CHUNK)] or [""]
    return " ".join('"' + chunk.replace("\\", "\\\\").replace('"', '\\"') + '"' for chunk in chunks)


def zone_line(record: Record, ttl: int) -> str:
    """Return a record as a line of a zone file."""
    return f"{record.name}. {ttl} IN {record.type} {record.presentation}"

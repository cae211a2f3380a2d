"""What is in a message, as text that can do nothing: no picture is fetched, no link is one, nothing is run. Pure."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from html.parser import HTMLParser

from relevo.directory.mail_words import decoded, plain, plain_lines, readable

MOST_BYTES = 2 << 20  # of a message are looked at
_MOST_TEXT = 20_000  # characters are shown
_MOST_HTML = 200_000
_MOST_PARTS = 100
_SILENT = frozenset({"head", "script", "style", "title", "template", "noscript", "svg", "math"})
_LINES = frozenset(
    {"address", "blockquote", "br", "div", "h1", "h2", "h3", "h4", "hr", "li", "p", "table", "tr", "ul", "ol"}
)


@dataclass(frozen=True)
class Attachment:
    """What is attached: never its content."""

    name: str
    kind: str
    size: int  # bytes


@dataclass(frozen=True)
class Reading:
    """A message; `cut` says that it is longer than what is shown."""

    headers: list[tuple[str, str]]
    text: str
    attachments: list[Attachment]
    cut: bool


def read(raw: bytes, *, cut: bool = False) -> Reading:
    """Read a message, whatever it is; what can't be read is left out."""
    head = raw.partition(b"\r\n\r\n")[0] if b"\r\n\r\n" in raw else raw.partition(b"\n\n")[0]
    headers = readable(head.decode(errors="replace"))
    try:
        parts = list(_parts(email.message_from_bytes(raw, policy=email.policy.compat32)))
    except (RecursionError, ValueError, LookupError):  # built to break who reads it
        return Reading(headers, "", [], cut=True)
    texts = [part for part in parts if _is_text(part)]
    chosen = [part for part in texts if part.get_content_subtype() == "plain"] or texts
    text = plain_lines("\n\n".join(filter(None, map(_text, chosen))))
    attached = [_attachment(part) for part in parts if not _is_text(part)]
    return Reading(headers, text[:_MOST_TEXT], attached, cut=cut or len(text) > _MOST_TEXT)


def _parts(message: Message, depth: int = 0) -> Iterator[Message]:
    """Return what is in a message, one after another; another message in it is one thing."""
    if message.get_content_maintype() != "multipart" or not message.is_multipart() or depth > _MOST_PARTS:
        yield message
        return
    for number, part in enumerate(message.get_payload()):
        if number < _MOST_PARTS and isinstance(part, Message):
            yield from _parts(part, depth + 1)


def _is_text(part: Message) -> bool:
    shown = part.get_content_disposition() != "attachment" and not part.get_filename()
    return shown and part.get_content_type() in {"text/plain", "text/html"}


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    raw = content if isinstance(content, bytes) else b""
    try:
        text = raw[:_MOST_HTML].decode(part.get_content_charset("utf-8"), errors="replace")
    except (LookupError, ValueError):
        text = raw[:_MOST_HTML].decode("latin-1")
    return without_tags(text) if part.get_content_subtype() == "html" else text


def _attachment(part: Message) -> Attachment:
    content = None if part.is_multipart() else part.get_payload(decode=True)
    size = len(content) if isinstance(content, bytes) else 0
    return Attachment(plain(decoded(str(part.get_filename() or "")))[:200], plain(part.get_content_type())[:100], size)


def without_tags(html: str) -> str:
    """Return the text of a page; where a link leads stands behind it, since that is what deceives."""
    stripper = _Stripper()
    try:
        stripper.feed(html)
        stripper.close()
    except (AssertionError, ValueError):  # what the library says of markup that is none
        pass
    return "\n".join(line for line in (" ".join(line.split()) for line in "".join(stripper.text).split("\n")) if line)


class _Stripper(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self._silent = 0
        self._leads_to: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        if tag in _LINES:
            self.text.append("\n")
        if tag == "a":
            self._leads_to.append(dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in _SILENT))
        if tag in _LINES:
            self.text.append("\n")
        if tag == "a" and self._leads_to and (to := self._leads_to.pop()):
            self.text.append(f" <{to[:200]}>")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text.append(data)

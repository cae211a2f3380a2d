"""Sends one message over one way with apprise, and says why it did not get through without showing the address."""

from __future__ import annotations

import logging
import re
import threading
from typing import Self

from relevo.alerts.message import Message
from relevo.alerts.ways import Way, plugin
from relevo.i18n import _

# What apprise logs may hold addresses and tokens. Only numbers of answers are taken from it.
_HTTP = re.compile(r"error=(\d{3})\b")
_SMTP = re.compile(r"\((\d{3}), ")
_MAIL = ("mailto", "mailtos")
_NO_CONNECTION = re.compile(r"connection|socket|timed out|timeout", re.IGNORECASE)


def send(way: Way, message: Message) -> str:
    """Send a message; return "" when it got through, else a word on why not. Takes seconds when nobody answers."""
    import apprise  # noqa: PLC0415 - see ways.plugin

    if (target := plugin(way)) is None:
        return _("apprise does not understand the address")
    if way.scheme in _MAIL and "format=" not in way.url:
        target.notify_format = apprise.NotifyFormat.TEXT  # else it makes HTML of it, with spaces that never break
    whole = apprise.Apprise()
    whole.add(target)
    with _Overhearing() as heard:
        try:
            done = whole.notify(
                body=message.text, title=message.title, notify_type=message.kind, body_format=apprise.NotifyFormat.TEXT,
            )
        except Exception as error:  # noqa: BLE001 - a plugin's defect; its text may hold the address
            return _("apprise failed: {error}").format(error=type(error).__name__)
    return "" if done else heard.reason()


class _Overhearing(logging.Handler):
    """What apprise logs in this thread."""

    def __enter__(self) -> Self:
        self._lines: list[str] = []
        self._thread = threading.get_ident()
        logger = logging.getLogger("apprise")
        logger.setLevel(logging.DEBUG)
        logger.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("apprise").removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line."""
        if record.thread == self._thread:
            self._lines.append(record.getMessage())

    def reason(self) -> str:
        """Return why it did not get through, as far as numbers and known words tell."""
        text = "\n".join(self._lines)
        if found := _HTTP.search(text):
            return _("the other side answers {code} (HTTP)").format(code=found[1])
        if found := _SMTP.search(text):
            return _("the mail server answers {code} (SMTP)").format(code=found[1])
        if _NO_CONNECTION.search(text):
            return _("no connection")
        return _("it did not get through")

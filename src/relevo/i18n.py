"""What people read, in their language: gettext with the locale of the environment (Spanish and English)."""

from __future__ import annotations

import gettext
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
_translation = gettext.translation("relevo", LOCALE, fallback=True)
_spoken: ContextVar[gettext.NullTranslations | None] = ContextVar("spoken", default=None)


def _(message: str) -> str:
    """Return a message in the language of who reads it; the English source text when there is no translation."""
    return _current().gettext(message)


def speak(language: str) -> None:
    """Have `_` and `ngettext` answer in that language from now on, in the whole process."""
    global _translation  # noqa: PLW0603 - the process's own language, as the environment's at its start
    _translation = _of(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Have `_` and `ngettext` answer in that language meanwhile: on the web each request has its own reader."""
    token = _spoken.set(_of(language))
    try:
        yield
    finally:
        _spoken.reset(token)


def ngettext(one: str, many: str, count: int) -> str:
    """Return the singular or plural form that fits `count`."""
    return _current().ngettext(one, many, count)


def gettext_noop(message: str) -> str:
    """Return the message as it is; it gets into the catalogue, and whoever shows it translates it with `_`."""
    return message


def translator(language: str) -> Callable[[str], str]:
    """Return what `_` would be in that language, for what other people than the operator read."""
    return _of(language).gettext


def language() -> str:
    """Return the language of what `_` returns, e.g. `es`; `en` when there is no translation."""
    return _current().info().get("language", "en").partition("_")[0].lower() or "en"


def _current() -> gettext.NullTranslations:
    return _spoken.get() or _translation


@cache
def _of(language: str) -> gettext.NullTranslations:
    return gettext.translation("relevo", LOCALE, [language], fallback=True)

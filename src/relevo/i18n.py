"""What people read, in their language: gettext with the locale of the environment (Spanish and English)."""

from __future__ import annotations

import gettext
from collections.abc import Callable
from pathlib import Path

_translation = gettext.translation("relevo", Path(__file__).parent / "locale", fallback=True)


def _(message: str) -> str:
    """Return a message in the operator's language; the English source text when there is no translation."""
    return _translation.gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """Return the singular or plural form that fits `count`."""
    return _translation.ngettext(one, many, count)


def gettext_noop(message: str) -> str:
    """Return the message as it is; it gets into the catalogue, and whoever shows it translates it with `_`."""
    return message


def translator(language: str) -> Callable[[str], str]:
    """Return what `_` would be in that language, for what other people than the operator read."""
    folder = Path(__file__).parent / "locale"
    return gettext.translation("relevo", folder, [language], fallback=True).gettext


def language() -> str:
    """Return the language of what `_` returns, e.g. `es`; `en` when there is no translation."""
    return _translation.info().get("language", "en").partition("_")[0].lower() or "en"

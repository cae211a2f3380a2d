"""Words of Unfold's pages that it has no Spanish for: named here, they are in our catalogue, which Django reads."""

from __future__ import annotations

from relevo.i18n import gettext_noop

WORDS = (
    gettext_noop("Choose file to upload"),
    gettext_noop("Close"),
    gettext_noop("Colours"),
    gettext_noop("Dark"),
    gettext_noop("Filters"),
    gettext_noop("Go back"),
    gettext_noop("Light"),
    gettext_noop("Menu"),
    gettext_noop("Reset filters"),
    gettext_noop("Select value"),
    gettext_noop("Skip to the content"),
    gettext_noop("System"),
    gettext_noop("Toggle password visibility"),
    gettext_noop("Type to search"),
    gettext_noop("Welcome back to"),
    gettext_noop("You have been successfully logged out from the administration"),
)

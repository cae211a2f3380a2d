from __future__ import annotations

from relevo import i18n


def test_each_request_has_its_own_language():
    assert i18n._("mailbox") == "mailbox"
    with i18n.speaking("es"):
        assert (i18n._("mailbox"), i18n.language()) == ("buzón", "es")
        with i18n.speaking("en"):
            assert (i18n._("mailbox"), i18n.language()) == ("mailbox", "en")
        assert i18n.ngettext("{n} change made.", "{n} changes made.", 2) == "{n} cambios realizados."
    assert i18n._("mailbox") == "mailbox"

"""Forms that want the password again: an open page on a desk is not enough to take a mailbox over."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from relevo.directory import owners
from relevo.directory.models import Mailbox
from relevo.errors import DirectoryError
from relevo.web.account.fields import Password
from relevo.web.login import sentence


class Confirmed(forms.Form):
    """The password now, of whom and from where."""

    current = Password(label=_("Your password now"))

    def __init__(self, box: Mailbox, place: str, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.box, self._place = box, place

    def clean_current(self) -> str:
        """Compare it; guesses are slowed down like those at the login."""
        given = str(self.cleaned_data["current"])
        try:
            owners.confirm_password(self.box, given, self._place)
        except DirectoryError as error:
            raise forms.ValidationError(sentence(error)) from None
        return given

"""The forms of one's second factors: each wants the password again, since an open page on a desk is not enough."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from relevo.directory.login import confirm_password
from relevo.directory.models import Administrator
from relevo.directory.security_keys import NAME_LENGTH
from relevo.errors import DirectoryError
from relevo.web.form import Password, Text
from relevo.web.login import sentence


class Confirmed(forms.Form):
    """The password now; it is not asked for when it was given a moment ago, within a login."""

    current = Password(label=_("Your password now"), required=True, kept="current-password")

    def __init__(self, administrator: Administrator, client: str, *args: Any, just_given: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.administrator, self.client = administrator, client
        if just_given:
            del self.fields["current"]

    def clean_current(self) -> str:
        """Compare it; guesses are slowed down like those at the login."""
        given = str(self.cleaned_data["current"])
        try:
            confirm_password(self.administrator, given, self.client)
        except DirectoryError as error:
            raise forms.ValidationError(sentence(error)) from None
        return given


class AppForm(Confirmed):
    """A code of the new app."""

    code = forms.CharField(
        label=_("The six digits that the app shows"), max_length=20,
        widget=widgets.UnfoldAdminTextInputWidget(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    field_order = ("code", "current")


class KeyForm(Confirmed):
    """The new key's name, and its answer, which a script fills in."""

    name = Text(label=_("What you call it"), help_text=_("e.g. “blue key” or “my phone”"), required=True,
                most=NAME_LENGTH)
    answer = forms.CharField(widget=forms.HiddenInput(), required=False)
    field_order = ("name", "current", "answer")

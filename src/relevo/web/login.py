"""Login: Unfold's form over the directory's rules, and how Django finds who is logged in."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm

from relevo.directory.login import log_in
from relevo.directory.models import Administrator
from relevo.errors import DirectoryError
from relevo.web.middleware import client


class Administrators:
    """Django's way from a session to an administrator; who is switched off has none."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """Let nobody in by this way: the form below does, which knows where somebody comes from."""

    def get_user(self, user_id: int) -> Administrator | None:
        """Return who is logged in."""
        return Administrator.objects.filter(pk=user_id, enabled=True).first()


class LoginForm(AuthenticationForm):
    """Address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Address")
        self.fields["username"].widget.attrs |= {"inputmode": "email", "autocapitalize": "none"}

    def clean(self) -> dict[str, Any]:
        """Log in, and tidy up sessions that are over."""
        given: dict[str, Any] = self.cleaned_data
        if given.get("username") and given.get("password"):
            try:
                self.user_cache = log_in(given["username"], given["password"], client(self.request))
            except DirectoryError as error:
                raise ValidationError(sentence(error)) from None
            SessionStore.clear_expired()
        return given


def sentence(error: DirectoryError) -> str:
    """Return what the directory says, as a sentence of its own on a page."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}"

"""The form for one's own password."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from relevo.directory import administrators
from relevo.directory.models import Administrator
from relevo.errors import DirectoryError
from relevo.web.factor_forms import Confirmed
from relevo.web.form import Password
from relevo.web.login import sentence


class OwnPasswordForm(Confirmed):
    """The password now, and the new one twice: an open page on a desk is not enough to take somebody's place."""

    password = Password(
        label=_("New password"), required=True, help_text=_("10 characters or more, best several words.")
    )
    again = Password(label=_("The new one again"), required=True)

    def __init__(self, administrator: Administrator, client: str, *args: Any) -> None:
        super().__init__(administrator, client, *args, just_given=False)

    def clean(self) -> dict[str, Any]:
        """Compare the new ones, and set it."""
        given: dict[str, Any] = self.cleaned_data
        if self.errors:
            return given
        if given["password"] != given["again"]:
            self.add_error("again", _("The two passwords are not the same."))
        else:
            self._set(given["password"])
        return given

    def _set(self, password: str) -> None:
        try:
            self.administrator = administrators.set_password(self.administrator.address, password)
        except DirectoryError as error:
            self.add_error("password", sentence(error))

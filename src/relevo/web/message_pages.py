"""What the pages of waiting and of refused mail share: something is done with chosen messages, some only when sure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from relevo.errors import DirectoryError
from relevo.web.filtering import way_back
from relevo.web.login import sentence
from relevo.web.new_factors import page


class MessagePages:
    """A list of messages whose rows can be ticked, for the site that it is part of."""

    name: ClassVar[str]  # of the list's address, and of its templates
    filters: ClassVar[Sequence[str]]  # what the way back keeps
    for_good: ClassVar[str]  # what is asked about first

    def __init__(self, site: Any) -> None:
        self._site = site

    def carried_out(self, request: HttpRequest, do: str, ids: list[str]) -> list[str]:
        """Do it; return what is to be told, or raise DirectoryError."""
        raise NotImplementedError

    def doomed(self, request: HttpRequest, ids: list[str]) -> list[Any]:
        """Return the rows that would go for good; raise DirectoryError when there are none."""
        raise NotImplementedError

    def done(self, request: HttpRequest) -> HttpResponse:
        """Do what was chosen, after a second question when it is for good."""
        do, ids = request.POST.get("do", ""), request.POST.getlist("id")
        back = way_back(f"admin:{self.name}", request.POST.get("back", ""), self.filters)
        try:
            if do == self.for_good and "sure" not in request.POST:
                return self._sure(request, ids, back)
            said = self.carried_out(request, do, ids)
        except DirectoryError as error:
            messages.error(request, sentence(error))
        else:
            for text in said:
                messages.info(request, text)
        return HttpResponseRedirect(back)

    def _sure(self, request: HttpRequest, ids: list[str], back: str) -> HttpResponse:
        """Show what would be deleted."""
        return page(self._site, request, f"relevo/{self.name}_delete.html", str(_("Delete these messages?")), {
            "rows": self.doomed(request, ids), "back": back.partition("?")[2], "back_link": back,
            "list": f"admin:{self.name}", "for_good": self.for_good,
        })

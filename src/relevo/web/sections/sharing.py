"""A mailbox becomes a shared one, and one person's again: actions for the sections of both."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from relevo.directory.shared_conversion import share, unshare
from relevo.web.asking import Question, ask


class CanBeShared:
    """Mailboxes of one person; for their section."""

    def has_share_permission(self, request: HttpRequest, object_id: str | int | None = None) -> bool:
        """Offer it of those that stand."""
        section: Any = self
        return bool(section.get_queryset(request).filter(pk=object_id or 0, removed_at=None).exists())

    @action(
        description=_("Make it a shared mailbox"), url_path="share", permissions=["share"], icon="folder_shared"
    )
    def share(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask whether a mailbox shall be a shared one."""
        entry = _standing(self, request, object_id)
        return ask(self, request, entry, Question(
            title=_("Make {address} a shared mailbox?").format(address=entry),
            consequences=(
                _("Its mail and its address stay as they are."),
                _("Its password, its app passwords and its second factor end, and who is logged in is logged out."),
                _("Nobody opens it until you name who may, under Shared mailboxes."),
                _("Its filters and an absence note go on as they are: end a note first."),
            ),
            button=_("Make it a shared mailbox"), act=lambda _ticked: share(entry.address),
            done=_("{address} is a shared mailbox now: name who may open it, under Shared mailboxes.")
            .format(address=entry),
        ))


class CanBeOnePersons:
    """Shared mailboxes; for their section."""

    def has_unshare_permission(self, request: HttpRequest, object_id: str | int | None = None) -> bool:
        """Offer it of all that are shown."""
        section: Any = self
        return bool(section.get_queryset(request).filter(pk=object_id or 0).exists())

    @action(
        description=_("Make it one person's mailbox"), url_path="unshare", permissions=["unshare"], icon="person"
    )
    def unshare(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask whether a shared mailbox shall be one person's."""
        entry = _standing(self, request, object_id)
        return ask(self, request, entry, Question(
            title=_("Make {address} one person's mailbox?").format(address=entry),
            consequences=(
                _("Its mail and its address stay as they are."),
                _("It vanishes from the mail programs of all its members within seconds."),
                _("Nobody can log in to it until you give it a password, under Mailboxes."),
            ),
            button=_("Make it one person's mailbox"), act=lambda _ticked: unshare(entry.address),
            done=_("{address} is one person's mailbox now: give it a password, under Mailboxes.").format(address=entry),
        ))


def _standing(section: Any, request: HttpRequest, number: str) -> Any:
    return section.get_queryset(request).get(pk=number, removed_at=None)

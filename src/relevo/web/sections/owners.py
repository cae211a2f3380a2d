"""What an administrator does about that which a mailbox's owner has set up in the portal."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from relevo.directory import app_passwords, owner_factors, owners
from relevo.directory.models import Mailbox
from relevo.web.asking import Question, ask
from relevo.web.section import column


class OfOwners:
    """Mailboxes whose owners have app passwords or a second factor; for the section of the mailboxes."""

    of_owners: ClassVar = ("revoke_app_passwords", "take_factor")

    def has_revoke_app_passwords_permission(self, request: HttpRequest, object_id: str | int | None = None) -> bool:
        """Offer it where there are some."""
        box = self._standing(request, object_id).first()
        return bool(box and app_passwords.of(box).exists())

    @action(
        description=_("Revoke the app passwords"), url_path="app-passwords", permissions=["revoke_app_passwords"],
        icon="key_off",
    )
    def revoke_app_passwords(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask whether all app passwords of a mailbox shall end."""
        entry = self._standing(request, object_id).get()
        return ask(self, request, entry, Question(
            title=_("Revoke all app passwords of {address}?").format(address=entry),
            consequences=(
                _("The programs that use them are thrown out and can't log in again."),
                _("Its own password stays good: set another one, too, if somebody else knows it."),
            ),
            button=_("Revoke them"), act=lambda _ticked: app_passwords.revoke_all(entry),
            done=_("The app passwords of {address} are revoked.").format(address=entry),
        ))

    def has_take_factor_permission(self, request: HttpRequest, object_id: str | int | None = None) -> bool:
        """Offer it where there is one."""
        return self._standing(request, object_id).exclude(owner_app=None).exists()

    @action(
        description=_("Take the owner's second factor away"), url_path="factor", permissions=["take_factor"],
        icon="phonelink_erase",
    )
    def take_factor(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask whether the second factor of an owner, who has lost it, shall go."""
        entry = self._standing(request, object_id).get()
        return ask(self, request, entry, Question(
            title=_("Take the second factor of {address} away?").format(address=entry),
            consequences=(
                _("The password alone then opens the portal. Be sure who asks for it."),
                _("Who is logged in to the portal no longer is."),
            ),
            button=_("Take it away"), act=lambda _ticked: owner_factors.remove(entry),
            done=_("{address} has no second factor any more.").format(address=entry),
        ))

    @column(_("app passwords"))
    def programs(self, entry: Mailbox) -> str:
        """Return how many there are."""
        return str(sum(row.expires_at is None for row in entry.app_passwords.all()))

    @column(_("daily list of refused mail"))
    def gets_list(self, entry: Mailbox) -> str:
        """Tell whether its owner wants it."""
        return str(_("yes") if owners.wants_digest(entry) else _("no"))

    def _standing(self, request: HttpRequest, number: str | int | None) -> QuerySet[Mailbox]:
        section: Any = self
        rows: QuerySet[Mailbox] = section.get_queryset(request)
        return rows.filter(pk=number or 0, removed_at=None)

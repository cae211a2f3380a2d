"""Shared mailboxes."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from relevo.directory import scope, shared
from relevo.directory.models import Administrator
from relevo.directory.shared_models import SharedMailbox
from relevo.web.asking import Question
from relevo.web.form import DirectoryForm, DomainChoice, Lines, Number, Switch, Text
from relevo.web.section import Section, column
from relevo.web.sections.filters import DomainFilter, StateFilter
from relevo.web.sections.sharing import CanBeOnePersons

_LISTS = ("readers", "writers", "managers", "senders")
_OPTIONS = ("name", "quota_mb", "enabled", *_LISTS)


class ChangingShared(DirectoryForm):
    """The form of a shared mailbox that is there."""

    name = Text(label=_("Name"), help_text=_("What the mailbox is called, e.g. Sales."))
    quota_mb = Number(label=_("Quota"), help_text=_("MiB; 0: no limit"))
    enabled = Switch(
        label=_("Switched on"), initial=True, help_text=_("Off: it receives nothing and nobody sees it.")
    )
    readers = Lines(label=_("May read"), help_text=_("Here and below: addresses of mailboxes here, one a line."))
    writers = Lines(label=_("May also mark, move and delete mail"))
    managers = Lines(label=_("May also make and delete folders"))
    senders = Lines(label=_("May send as this address"), help_text=_("Some of those named above, or all."))

    class Meta(DirectoryForm.Meta):  # noqa: D106 - Django's name
        model = SharedMailbox

    def values(self, entry: SharedMailbox) -> dict[str, Any]:
        """Return what the fields show."""
        return {"name": entry.name, "quota_mb": entry.quota_mb, "enabled": entry.enabled, **shared.told(entry)}

    def write(self, given: dict[str, Any]) -> SharedMailbox:
        """Change what was changed."""
        entry: SharedMailbox = self.instance
        changes = self.changed(given, _OPTIONS)
        return shared.change(entry.address, **changes) if changes else entry


class NewShared(ChangingShared):
    """The form for a new shared mailbox."""

    local_part = Text(label=_("Before the @"), required=True, most=64)
    domain = DomainChoice(label=_("Domain"))
    quota_mb = Number(label=_("Quota"), required=False, help_text=_("MiB; 0: no limit; empty: the domain's default"))

    def write(self, given: dict[str, Any]) -> SharedMailbox:
        """Add it."""
        address = f"{given['local_part']}@{given['domain'].name}"
        return shared.add(address, **{name: given[name] for name in _OPTIONS})


class SharedSection(CanBeOnePersons, Section):
    """The shared mailboxes."""

    new_form, changing_form = NewShared, ChangingShared
    new_fields = (
        (None, {"fields": (("local_part", "domain"), "name", "quota_mb", "enabled")}),
        (_("Who opens it from their own mailbox"), {"fields": _LISTS}),
    )
    changing_fields = (
        (None, {"fields": ("name", "quota_mb", "enabled")}),
        (_("Who opens it from their own mailbox"), {"fields": _LISTS}),
    )
    adding, removing = _("Add a shared mailbox"), _("Remove the shared mailbox")
    empty_hint = _("Add one that several people read and answer from their own, e.g. sales@; it has no password.")
    list_display = ("at_address", "called", "members", "quota", "is_on")
    list_filter = (DomainFilter, StateFilter)
    actions_detail = ("unshare",)
    search_fields, text_fields = ("address",), ("name",)

    def rows(self, administrator: Administrator) -> QuerySet[Any]:
        """Return those in the administrator's domains."""
        return scope.within(administrator, shared.listing())

    def removal(self, request: HttpRequest, entry: SharedMailbox) -> Question:
        """Say what becomes of the mail."""
        return Question(
            title=_("Remove {address}?").format(address=entry),
            consequences=(
                _("It receives nothing any more: mail to it is refused, and its sender is told so."),
                _("It vanishes from the mail programs of all its members within seconds."),
                _("Its mail stays, and with it you can bring it back: filter the list of mailboxes by removed ones."),
            ),
            button=_("Remove the shared mailbox"), act=lambda _ticked: shared.remove(entry.address),
            done=_("{address} is removed; its mail stays.").format(address=entry),
        )

    @column(_("name"), ordering="name")
    def called(self, entry: SharedMailbox) -> str:
        """Return what it is called."""
        return entry.name

    @column(_("members"))
    def members(self, entry: SharedMailbox) -> int:
        """Return how many people open it."""
        return len(entry.shared_members.all())

    @column(_("quota"), ordering="quota_mb")
    def quota(self, entry: SharedMailbox) -> str:
        """Return how much it may hold."""
        return f"{entry.quota_mb}\u00a0MiB" if entry.quota_mb else str(_("no limit"))

"""Distribution lists."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from relevo.directory import lists, moderation, scope
from relevo.directory.bulk.kinds import LISTS
from relevo.directory.models import Administrator, DistributionList, Moderation, PostPolicy
from relevo.web.asking import Question
from relevo.web.form import Choice, DirectoryForm, DomainChoice, Lines, Switch, Text
from relevo.web.section import Section, column
from relevo.web.sections.filters import DomainFilter, StateFilter
from relevo.web.tables import WithTables

_POLICIES = {
    PostPolicy.ANYONE.value: _("anyone"),
    PostPolicy.DOMAIN.value: _("its domain"),
    PostPolicy.MEMBERS.value: _("its members"),
    PostPolicy.NAMED.value: _("who is named below"),
}
_MODERATION = {
    Moderation.OFF.value: _("none: who may not post is refused"),
    Moderation.OTHERS.value: _("those of others than may post"),
    Moderation.ALL.value: _("all but those of its owners"),
}
_WAITING = {Moderation.OFF.value: "", Moderation.OTHERS.value: _("of others"), Moderation.ALL.value: _("all")}
_OPTIONS = ("name", "policy", "senders", "moderated", "owners", "enabled")


class ChangingList(DirectoryForm):
    """The form of a list that is there."""

    name = Text(label=_("Name"), help_text=_("What the list is called."))
    members = Lines(label=_("Members"), help_text=_("Addresses, one a line, here or elsewhere."))
    policy = Choice(list(_POLICIES.items()), label=_("Who may post"), initial=PostPolicy.DOMAIN)
    senders = Lines(label=_("Named"), help_text=_("Who may post, when only these may."))
    moderated = Choice(
        list(_MODERATION.items()), label=_("Which posts wait for an owner"), initial=Moderation.OFF,
        help_text=_("Their senders see them accepted; nobody has them until an owner lets them through."),
    )
    owners = Lines(
        label=_("Owners"),
        help_text=_("Addresses of mailboxes here, one a line: they hear of posts that wait, and decide."),
    )
    enabled = Switch(label=_("Switched on"), initial=True)

    class Meta(DirectoryForm.Meta):  # noqa: D106 - Django's name
        model = DistributionList

    def values(self, entry: DistributionList) -> dict[str, Any]:
        """Return what the fields show."""
        return {
            "name": entry.name, "policy": entry.policy, "enabled": entry.enabled, "moderated": entry.moderation,
            "owners": moderation.owners_of(entry),
            "members": sorted(row.address for row in entry.members.all()),
            "senders": sorted(row.address for row in entry.senders.all()),
        }

    def write(self, given: dict[str, Any]) -> DistributionList:
        """Change what was changed."""
        entry: DistributionList = self.instance
        changes = self.changed(given, ("members", *_OPTIONS))
        return lists.change(entry.address, **changes) if changes else entry


class NewList(ChangingList):
    """The form for a new list."""

    local_part = Text(label=_("Before the @"), required=True, most=64)
    domain = DomainChoice(label=_("Domain"))

    def write(self, given: dict[str, Any]) -> DistributionList:
        """Add it."""
        address = f"{given['local_part']}@{given['domain'].name}"
        return lists.add(address, given["members"], **{name: given[name] for name in _OPTIONS})


class ListSection(WithTables, Section):
    """The distribution lists."""

    table_kind = LISTS
    new_form, changing_form = NewList, ChangingList
    new_fields = (
        (None, {"fields": (("local_part", "domain"), "name", "members")}),
        (_("Who may post"), {"fields": ("policy", "senders", "enabled")}),
        (_("Posts that wait"), {"fields": ("moderated", "owners")}),
    )
    changing_fields = (
        (None, {"fields": ("name", "members")}),
        (_("Who may post"), {"fields": ("policy", "senders", "enabled")}),
        (_("Posts that wait"), {"fields": ("moderated", "owners")}),
    )
    adding, removing = _("Add a list"), _("Remove the list")
    empty_hint = _("Add an address whose mail goes to many, and say who may post to it.")
    list_display = ("at_address", "called", "count", "who_may_post", "waits", "is_on")
    list_filter = (DomainFilter, StateFilter)
    search_fields, text_fields = ("address",), ("name",)

    def rows(self, administrator: Administrator) -> QuerySet[Any]:
        """Return those in the administrator's domains, with how many members each has."""
        entries = DistributionList.objects.prefetch_related("domain").annotate(size=Count("members"))
        return scope.within(administrator, entries)

    def removal(self, request: HttpRequest, entry: DistributionList) -> Question:
        """Say what becomes of the mail."""
        return Question(
            title=_("Remove {address}?").format(address=entry),
            consequences=(
                _("Mail to it is refused from then on, and its sender is told so."),
                _("No mail is deleted: members keep what they have received."),
            ),
            button=_("Remove the list"), act=lambda _ticked: lists.remove(entry.address),
            done=_("The list {address} is removed.").format(address=entry),
        )

    @column(_("name"), ordering="name")
    def called(self, entry: DistributionList) -> str:
        """Return what it is called."""
        return entry.name

    @column(_("members"), ordering="size")
    def count(self, entry: Any) -> int:
        """Return how many members it has."""
        return int(entry.size)

    @column(_("posts that wait"), ordering="moderation")
    def waits(self, entry: DistributionList) -> str:
        """Return whose posts wait for an owner."""
        return str(_WAITING[entry.moderation])

    @column(_("who may post"), ordering="policy")
    def who_may_post(self, entry: DistributionList) -> str:
        """Return who may post."""
        return str(_("named ones") if entry.policy == PostPolicy.NAMED else _POLICIES[entry.policy])

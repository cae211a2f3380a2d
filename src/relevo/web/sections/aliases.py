"""Aliases."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from relevo.directory import aliases, scope
from relevo.directory.bulk.kinds import ALIASES
from relevo.directory.models import Administrator, Alias
from relevo.web.asking import Question
from relevo.web.form import DirectoryForm, DomainChoice, Lines, Switch, Text
from relevo.web.section import Section, addresses, column
from relevo.web.sections.filters import DomainFilter, StateFilter
from relevo.web.tables import WithTables


class ChangingAlias(DirectoryForm):
    """The form of an alias that is there."""

    to = Lines(
        label=_("Its mail goes to"), required=True,
        help_text=_("Addresses, one a line, here or elsewhere. Owners of these mailboxes may send as the alias."),
    )
    enabled = Switch(label=_("Switched on"), initial=True)

    class Meta(DirectoryForm.Meta):  # noqa: D106 - Django's name
        model = Alias

    def values(self, entry: Alias) -> dict[str, Any]:
        """Return what the fields show."""
        return {"to": sorted(row.target for row in entry.targets.all()), "enabled": entry.enabled}

    def write(self, given: dict[str, Any]) -> Alias:
        """Change what was changed."""
        entry: Alias = self.instance
        changes = self.changed(given, ("to", "enabled"))
        return aliases.change(entry.address, **changes) if changes else entry


class NewAlias(ChangingAlias):
    """The form for a new alias."""

    local_part = Text(label=_("Before the @"), required=True, most=64)
    domain = DomainChoice(label=_("Domain"))

    def write(self, given: dict[str, Any]) -> Alias:
        """Add it."""
        address = f"{given['local_part']}@{given['domain'].name}"
        return aliases.add(address, given["to"], enabled=given["enabled"])


class AliasSection(WithTables, Section):
    """The aliases."""

    table_kind = ALIASES
    new_form, changing_form = NewAlias, ChangingAlias
    new_fields = ((None, {"fields": (("local_part", "domain"), "to", "enabled")}),)
    changing_fields = ((None, {"fields": ("to", "enabled")}),)
    adding, removing = _("Add an alias"), _("Remove the alias")
    empty_hint = _("Add an address that stands for others, e.g. info@ for two colleagues.")
    list_display = ("at_address", "goes_to", "made_by_relevo", "is_on")
    list_filter = (DomainFilter, StateFilter)
    search_fields = ("address",)

    def rows(self, administrator: Administrator) -> QuerySet[Any]:
        """Return those in the administrator's domains."""
        return scope.within(administrator, aliases.listing())

    def removal(self, request: HttpRequest, entry: Alias) -> Question:
        """Say what becomes of the mail."""
        return Question(
            title=_("Remove {address}?").format(address=entry),
            consequences=(
                _("Mail to it is refused from then on, and its sender is told so."),
                _("No mail is deleted: what has arrived is in the mailboxes behind it."),
                _("postmaster and abuse go back to the platform's postmaster: they must always arrive."),
            ),
            button=_("Remove the alias"), act=lambda _ticked: aliases.remove(entry.address),
            done=_("The alias {address} is removed.").format(address=entry),
        )

    @column(_("goes to"))
    def goes_to(self, entry: Alias) -> str:
        """Return some of where its mail goes."""
        return addresses(entry.targets.all())

    @column(_("made by"), ordering="automatic")
    def made_by_relevo(self, entry: Alias) -> str:
        """Tell whether it is Relevo's own, until somebody changes it."""
        return str(_("Relevo, until you change it")) if entry.automatic else ""

"""Filters of the lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from relevo.directory import scope
from relevo.web.section import who


class DomainFilter(SimpleListFilter):
    """Only what is in one of the administrator's domains; one is chosen, since there may be hundreds."""

    title = _("domain")
    parameter_name = "domain"
    template = "relevo/domain_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer one's own domains; those that mirror another have nothing in them."""
        names = scope.domains(who(request)).filter(alias_of=None).values_list("name", flat=True)
        return [(name, name) for name in names]

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Return what the form needs: the names to choose from, and what else the list is narrowed by."""
        here = self.value()
        others = {name: value for name, value in changelist.params.items() if name != self.parameter_name}
        options = ((mark_safe(" selected") if name == here else "", name) for name, _name in self.lookup_choices)
        yield {"options": format_html_join("", "<option{}>{}</option>", options), "others": others}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow the rows."""
        return queryset.filter(domain__name=self.value()) if self.value() else queryset


class StateFilter(SimpleListFilter):
    """Only what is switched on, or off."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer both."""
        return [("on", _("switched on")), ("off", _("switched off"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow the rows."""
        return queryset.filter(enabled=self.value() == "on") if self.value() else queryset


class RemovedFilter(SimpleListFilter):
    """The mailboxes in use, or those that were removed and still have their mail."""

    title = _("removed")
    parameter_name = "removed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer the removed ones; those in use are what is shown otherwise."""
        return [("yes", _("removed ones, whose mail is still there"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Call the others by their name."""
        first, *others = super().choices(changelist)
        yield {**first, "display": _("in use")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow the rows."""
        return queryset.filter(removed_at__isnull=self.value() != "yes")

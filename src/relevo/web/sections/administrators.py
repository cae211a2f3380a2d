"""Administrators: global ones only see them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Case, Model, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold import widgets
from unfold.decorators import action

from relevo.directory import administrators, factors, scope
from relevo.directory.database import changing
from relevo.directory.models import Administrator, Domain, Role
from relevo.web.asking import Question, Words, ask
from relevo.web.form import Choice, DirectoryForm, Password, Switch, Text
from relevo.web.section import Section, addresses, column, is_global, moment, who
from relevo.web.sections.filters import StateFilter

_ROLES = {Role.DOMAIN.value: _("for some domains"), Role.GLOBAL.value: _("global: for everything")}


class ChangingAdministrator(DirectoryForm):
    """The form of an administrator who is there."""

    role = Choice(list(_ROLES.items()), label=_("Role"), initial=Role.DOMAIN)
    domains = forms.ModelMultipleChoiceField(
        queryset=Domain.objects.none(), required=False, label=_("Domains"),
        widget=widgets.UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text=_("What they see and change; a global administrator has all, so tick none."),
    )
    enabled = Switch(label=_("May log in"), initial=True, help_text=_("Off: logged out at once."))
    password = Password(label=_("New password"), help_text=_("Empty: it stays as it is."))
    again = Password(label=_("The new one again"))

    class Meta(DirectoryForm.Meta):  # noqa: D106 - Django's name
        model = Administrator

    def limit(self) -> None:
        """Offer the domains, theirs first."""
        theirs = self.instance.domains.values("pk") if self.instance.pk else Domain.objects.none()
        first = Case(When(pk__in=theirs, then=0), default=1)
        field: Any = self.fields["domains"]
        field.queryset = scope.domains(self.administrator).order_by(first, "name")

    def values(self, entry: Administrator) -> dict[str, Any]:
        """Return what the fields show."""
        return {"role": entry.role, "domains": [d.pk for d in entry.domains.all()], "enabled": entry.enabled}

    @changing
    def write(self, given: dict[str, Any]) -> Administrator:
        """Change what was changed, all or nothing."""
        entry: Administrator = self.instance
        if given["password"]:
            entry = administrators.set_password(entry.address, given["password"])
        changes = self.changed(given, ("role", "domains", "enabled"))
        if "role" in changes or "domains" in changes:
            changes |= {"role": given["role"], "domains": [str(domain) for domain in given["domains"]]}
        return administrators.change(entry.address, **changes) if changes else entry


class NewAdministrator(ChangingAdministrator):
    """The form for a new administrator."""

    address = Text(
        label=_("Address"), required=True, most=254,
        help_text=_("What they log in with. The password of a mailbox at that address is another one."),
    )
    password = Password(label=_("Password"), required=True, help_text=_("10 characters or more, best several words."))
    again = Password(label=_("The same again"), required=True)

    def write(self, given: dict[str, Any]) -> Administrator:
        """Add one."""
        return administrators.add(
            given["address"], given["password"], role=given["role"],
            domains=[str(domain) for domain in given["domains"]], enabled=given["enabled"],
        )


class AdministratorSection(Section):
    """The administrators."""

    new_form, changing_form = NewAdministrator, ChangingAdministrator
    new_fields = (
        (None, {"fields": ("address",)}),
        (_("Password"), {"fields": ("password", "again")}),
        (_("What they may do"), {"fields": ("role", "domains", "enabled")}),
    )
    changing_fields = (
        (None, {"fields": ("role", "domains", "enabled")}),
        (_("Password"), {"fields": ("password", "again")}),
    )
    adding, removing = _("Add an administrator"), _("Remove the administrator")
    empty_hint = _("Add who helps you, with the domains that they look after.")
    list_display = ("at_address", "role_in_words", "domain_names", "last_seen", "with_factor", "is_on")
    list_filter = (StateFilter,)
    search_fields = ("address",)
    actions_detail = ("take_factors",)

    def rows(self, administrator: Administrator) -> QuerySet[Any]:
        """Return all to a global administrator, none to others."""
        return scope.administrators(administrator)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Leave administrators to global ones."""
        return is_global(request)

    def removal(self, request: HttpRequest, entry: Administrator) -> Question:
        """Say what becomes of them."""
        own: tuple[Words, ...] = (_("This is you: you are logged out."),) if entry == who(request) else ()
        return Question(
            title=_("Remove the administrator {address}?").format(address=entry),
            consequences=(
                *own,
                _("They can't log in any more, and are logged out at once."),
                _("No mail is touched, and the audit log keeps what they did."),
            ),
            button=_("Remove the administrator"), act=lambda _ticked: administrators.remove(entry.address),
            done=_("The administrator {address} is removed.").format(address=entry),
        )

    def has_take_factors_permission(self, request: HttpRequest, object_id: str | int | None = None) -> bool:
        """Offer it of others who have some; one's own have a page."""
        entry = self.get_queryset(request).filter(pk=object_id).exclude(pk=who(request).pk).first()
        return entry is not None and factors.has_one(entry)

    @action(
        description=_("Take the second factors away"), url_path="factors", permissions=["take_factors"],
        icon="phonelink_erase",
    )
    def take_factors(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask whether somebody has lost their second factors."""
        entry = self.get_queryset(request).get(pk=object_id)
        return ask(self, request, entry, Question(
            title=_("Take the second factors of {address} away?").format(address=entry),
            consequences=(
                _("App, security keys and recovery codes are good for nothing any more; the password stays."),
                _("Be sure that it is really they who ask you: call them back."),
                _("They are logged out at once. Where a second factor is demanded they set up a new one."),
            ),
            button=_("Take the second factors away"), act=lambda _ticked: factors.clear(entry.address),
            done=_("{address} has no second factor any more.").format(address=entry),
        ))

    @column(_("role"), ordering="role")
    def role_in_words(self, entry: Administrator) -> str:
        """Return what they are for."""
        return str(_ROLES[entry.role])

    @column(_("domains"))
    def domain_names(self, entry: Administrator) -> str:
        """Return some of their domains."""
        return addresses(entry.domains.all())

    @column(_("last login"), ordering="last_login")
    def last_seen(self, entry: Administrator) -> str:
        """Return when they last came."""
        return moment(entry.last_login) if entry.last_login else ""

    @column(_("second factor"), boolean=True)
    def with_factor(self, entry: Administrator) -> bool:
        """Tell whether they have one."""
        return factors.has_one(entry)

    @column(_("may log in"), boolean=True, ordering="enabled")
    def is_on(self, entry: Administrator) -> bool:
        """Tell whether they may log in."""
        return entry.enabled

"""Mail domains."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from relevo.directory import domains, scope, use
from relevo.directory.models import Administrator, Domain
from relevo.web.amounts import mib
from relevo.web.asking import Question
from relevo.web.form import DirectoryForm, DomainChoice, Number, Switch, Text
from relevo.web.section import Section, column, is_global, who
from relevo.web.sections.domain_dns import WithDns
from relevo.web.sections.filters import StateFilter

_PLATFORMS_QUOTA = -1
_CHANGEABLE = (
    "enabled", "alias_of", "catch_all", "mailbox_limit", "alias_limit", "list_limit", "quota_limit_mb",
    "default_quota_mb", "owners_forward_outside",
)
_LIMITS = ("mailbox_limit", "alias_limit", "list_limit", "quota_limit_mb")


class _Fields(DirectoryForm):
    """What a domain's own administrators may change, too."""

    catch_all = Text(
        label=_("Catch-all"), most=254,
        help_text=_("Where mail to unknown addresses of it goes. Empty: it is refused, as spam mostly should be."),
    )
    default_quota_mb = Number(
        label=_("Default quota"), required=False,
        help_text=_("MiB of a mailbox that is made without one; 0: no limit; empty: the platform's"),
    )
    owners_forward_outside = Switch(
        label=_("Owners may forward mail to addresses outside"),
        help_text=_("By themselves, at /account/. Off: only to addresses of this platform; what is set stays."),
    )

    class Meta(DirectoryForm.Meta):
        model = Domain

    def values(self, entry: Domain) -> dict[str, Any]:
        """Return what the fields show."""
        return {
            "enabled": entry.enabled, "alias_of": entry.alias_of_id, "catch_all": entry.catch_all,
            **{limit: getattr(entry, limit) for limit in _LIMITS}, "default_quota_mb": entry.default_quota_mb,
            "owners_forward_outside": entry.owners_forward_outside,
        }

    def write(self, given: dict[str, Any]) -> Domain:
        """Change what was changed."""
        changes = self.changed(given, _CHANGEABLE)
        if "alias_of" in changes:
            changes["alias_of"] = str(given["alias_of"] or "")
        if changes.get("default_quota_mb", 0) is None:
            changes["default_quota_mb"] = _PLATFORMS_QUOTA
        entry: Domain = self.instance
        return domains.change(entry.name, **changes) if changes else entry


class ChangingDomain(_Fields):
    """The form of a domain, for global administrators."""

    enabled = Switch(label=_("Switched on"), help_text=_("Off: mail to it is refused, nobody of it can log in."))
    alias_of = DomainChoice(
        label=_("Alias of"), required=False, empty=_("none: it has addresses of its own"),
        help_text=_("Each of its addresses is then one of that domain."),
    )
    mailbox_limit = Number(label=_("Mailboxes at most"), help_text=_("0: any number"))
    alias_limit = Number(label=_("Aliases at most"), help_text=_("0: any number"))
    list_limit = Number(label=_("Lists at most"), help_text=_("0: any number"))
    quota_limit_mb = Number(
        label=_("Quotas in sum at most"),
        help_text=_("MiB; 0: any. Otherwise each mailbox needs a quota, and all of them together may be that much."),
    )

    def limit(self) -> None:
        """Don't offer the domain itself."""
        super().limit()
        field: Any = self.fields["alias_of"]
        field.queryset = field.queryset.exclude(pk=self.instance.pk)


class NewDomain(ChangingDomain):
    """The form for a new domain."""

    name = Text(label=_("Domain"), required=True, most=253, help_text=_("e.g. example.org"))
    mailbox_limit = Number(label=_("Mailboxes at most"), required=False, help_text=_("0 or empty: any number"))
    alias_limit = Number(label=_("Aliases at most"), required=False, help_text=_("0 or empty: any number"))
    list_limit = Number(label=_("Lists at most"), required=False, help_text=_("0 or empty: any number"))
    quota_limit_mb = Number(label=_("Quotas in sum at most"), required=False, help_text=_("MiB; 0 or empty: any"))

    def write(self, given: dict[str, Any]) -> Domain:
        """Add it."""
        return domains.add(
            given["name"], alias_of=str(given["alias_of"] or ""), catch_all=given["catch_all"],
            default_quota_mb=given["default_quota_mb"], **{limit: given[limit] or 0 for limit in _LIMITS},
        )


class DomainSection(WithDns, Section):
    """The domains: global administrators add and remove them, others set what concerns their own people."""

    new_form, changing_form = NewDomain, ChangingDomain
    new_fields = (
        (None, {"fields": ("name", "alias_of")}),
        (_("What is in it"), {"fields": ("catch_all", "default_quota_mb")}),
        (_("Limits"), {"fields": _LIMITS}),
    )
    changing_fields = (
        (None, {"fields": ("enabled", "alias_of")}),
        (_("What is in it"), {"fields": ("catch_all", "default_quota_mb", "owners_forward_outside")}),
        (_("Limits"), {"fields": _LIMITS}),
    )
    own_fields = ((None, {"fields": ("catch_all", "default_quota_mb", "owners_forward_outside")}),)
    adding, removing = _("Add a domain"), _("Remove the domain")
    empty_hint = _("Add the domain that people's addresses end with; `relevo dns` shows what to publish for it.")
    list_display = ("called", "mirrors", "catch_all_to", "limit", "used", "is_on")
    list_filter = (StateFilter,)
    search_fields = ("name",)
    actions_detail = WithDns.dns_pages

    def rows(self, administrator: Administrator) -> QuerySet[Any]:
        """Return the administrator's domains."""
        return use.summed(scope.domains(administrator))

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm[Any]]:
        """Give a domain's own administrators the shorter form."""
        if is_global(request):
            return super().get_form(request, obj, change, **kwargs)
        return type("OwnDomain", (_Fields,), {"administrator": who(request)})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show them its fields."""
        return super().get_fieldsets(request, obj) if is_global(request) else self.own_fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Leave new domains to global administrators."""
        return is_global(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Leave their end to them, too."""
        return is_global(request)

    def removal(self, request: HttpRequest, entry: Domain) -> Question:
        """Say what becomes of the mail."""
        return Question(
            title=_("Remove {domain}?").format(domain=entry),
            consequences=(
                _("Mail to it is refused from then on."),
                _("No mail is deleted by this: a domain can only go when all its mailboxes have been removed and "
                    "purged, and its aliases and lists removed."),
                _("Its administrators stay, without this domain."),
            ),
            button=_("Remove the domain"), act=lambda _ticked: domains.remove(entry.name),
            done=_("{domain} is removed; mail to it is refused.").format(domain=entry),
        )

    @column(_("domain"), ordering="name")
    def called(self, entry: Domain) -> str:
        """Return its name, an international one as people write it, too."""
        readable = entry.name.encode().decode("idna")
        return entry.name if readable == entry.name else f"{readable} ({entry.name})"

    @column(_("alias of"), ordering="alias_of__name")
    def mirrors(self, entry: Domain) -> str:
        """Return the domain that it mirrors."""
        return str(entry.alias_of or "")

    @column(_("catch-all"))
    def catch_all_to(self, entry: Domain) -> str:
        """Return where mail to unknown addresses goes."""
        return entry.catch_all

    @column(_("used"), ordering="quota_used")
    def used(self, entry: Any) -> str:
        """Return what its mailboxes hold in sum, of what is given to them."""
        if entry.alias_of_id:
            return ""
        return f"{mib(entry.quota_used or 0)} / {entry.quota_given_mb or 0}\N{NO-BREAK SPACE}MiB"

    @column(_("mailboxes at most"), ordering="mailbox_limit")
    def limit(self, entry: Domain) -> str:
        """Return how many mailboxes it may have."""
        return str(entry.mailbox_limit or _("any number"))

"""The site: its menu, its front page, the way in, and one's own password."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.messages import success
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.sites import UnfoldAdminSite

from relevo.directory import factors
from relevo.directory.api_models import ApiToken
from relevo.directory.models import Administrator, Alias, AuditEntry, DistributionList, Domain, Mailbox
from relevo.directory.quarantine_models import SenderRule
from relevo.directory.shared_models import SharedMailbox
from relevo.web import half
from relevo.web.dashboard import Dashboard
from relevo.web.held import HeldPages
from relevo.web.login import LoginForm
from relevo.web.middleware import client
from relevo.web.new_factors import NewFactors
from relevo.web.own_factors import OwnFactors
from relevo.web.own_password import OwnPasswordForm
from relevo.web.quarantine import QuarantinePages
from relevo.web.queue import QueuePages
from relevo.web.second_step import FirstStep, second_step
from relevo.web.section import who
from relevo.web.sections.administrators import AdministratorSection
from relevo.web.sections.aliases import AliasSection
from relevo.web.sections.audit import AuditSection
from relevo.web.sections.domains import DomainSection
from relevo.web.sections.lists import ListSection
from relevo.web.sections.mailboxes import MailboxSection
from relevo.web.sections.senders import SenderSection
from relevo.web.sections.shared import SharedSection
from relevo.web.sections.tokens import TokenSection
from relevo.web.trace import TracePages

_ICONS = {
    Domain: "language", Mailbox: "mail", SharedMailbox: "folder_shared", Alias: "alternate_email",
    DistributionList: "groups", SenderRule: "rule", Administrator: "shield_person", ApiToken: "key",
    AuditEntry: "history",
}
_UNUSED = frozenset({"view_on_site", "autocomplete", "search"})  # Django's and Unfold's, for what we don't have


class Administration(UnfoldAdminSite):
    """The administration."""

    index_title = gettext_lazy("Overview")
    enable_nav_sidebar = True

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Return the addresses that have something behind them."""
        second = path("login/second/", self.second_step, name="second_step")
        rooms = (NewFactors, OwnFactors, QueuePages, QuarantinePages, HeldPages, TracePages, Dashboard)
        own = [second, *(url for room in rooms for url in room(self).urls())]
        return [*own, *(entry for entry in super().get_urls() if getattr(entry, "name", "") not in _UNUSED)]

    def has_permission(self, request: HttpRequest) -> bool:
        """Let administrators in who are not switched off, and have proven a second factor where one is demanded."""
        if not isinstance(request.user, Administrator) or not request.user.enabled:
            return False
        return half.has_second_factor(request) or not factors.demanded(request.user)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Ask for address and password."""
        if request.method == "GET" and self.has_permission(request):
            return redirect("admin:index")
        context = {
            **self.each_context(request), "title": _("Log in"), "app_path": request.get_full_path(),
            **(extra_context or {}),
        }
        first: Any = FirstStep.as_view(
            extra_context=context, authentication_form=LoginForm, template_name="admin/login.html"
        )
        return first(request)  # type: ignore[no-any-return] # the stubs know less of views

    def second_step(self, request: HttpRequest) -> HttpResponse:
        """Ask for the second factor."""
        return second_step(self, request)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show how the platform is, how many of what there are, and the way to each."""
        cards = [
            {"title": section.opts.verbose_name_plural, "icon": _ICONS[model], "link": _list(model),
             "count": section.in_use(request).count(), "hint": section.empty_hint}
            for model, section in self._registry.items()
            if model is not AuditEntry and section.has_view_permission(request)
        ]
        context = {"title": self.index_title, "cards": cards, **(extra_context or {})}
        return Dashboard(self).page(request, context)

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the overview: there is one application only."""
        return redirect("admin:index")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Change one's own password; one's other sessions end, this one stays."""
        form = OwnPasswordForm(who(request), client(request), request.POST or None)
        if request.method == "POST" and form.is_valid():
            update_session_auth_hash(request, form.administrator)
            success(request, _("Your password is changed. Wherever else you were logged in, you no longer are."))
            return redirect("admin:index")
        title = _("Change my password")
        context = {**self.each_context(request), "title": title, "form": form, **(extra_context or {})}
        return TemplateResponse(request, "relevo/own_password.html", context)

    def password_change_done(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the overview: the message is there."""
        return redirect("admin:index")


def hostname(_request: HttpRequest) -> str:
    """Return what the platform is called, for the menu's head."""
    return str(settings.RELEVO_HOSTNAME)


def password_link(_request: HttpRequest) -> str:
    """Return the way to one's own password."""
    return reverse("admin:password_change")


def factors_link(_request: HttpRequest) -> str:
    """Return the way to one's own second factors."""
    return reverse("admin:factors")


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the menu of whoever is logged in."""
    overview = {"title": _("Overview"), "icon": "dashboard", "link": reverse("admin:index")}
    sections = [
        {"title": capfirst(section.opts.verbose_name_plural), "icon": _ICONS[model], "link": _list(model)}
        for model, section in site._registry.items()  # noqa: SLF001 - Django's documented way is its templates
        if section.has_view_permission(request)
    ]
    queue = {"title": _("Mail queue"), "icon": "outbox", "link": reverse("admin:queue")}
    quarantine = {"title": _("Quarantine"), "icon": "gpp_maybe", "link": reverse("admin:quarantine")}
    held = {"title": _("Posts that wait"), "icon": "approval", "link": reverse("admin:held")}
    trace = {"title": _("Trace"), "icon": "route", "link": reverse("admin:trace")}
    return [{"items": [overview, queue, quarantine, held, trace, *sections]}]


def _list(model: Any) -> str:
    return reverse(f"admin:directory_{model._meta.model_name}_changelist")  # noqa: SLF001 - Django's documented name


site = Administration()
site.register(Domain, DomainSection)
site.register(Mailbox, MailboxSection)
site.register(SharedMailbox, SharedSection)
site.register(Alias, AliasSection)
site.register(DistributionList, ListSection)
site.register(SenderRule, SenderSection)
site.register(Administrator, AdministratorSection)
site.register(ApiToken, TokenSection)
site.register(AuditEntry, AuditSection)

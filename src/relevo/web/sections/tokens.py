"""API tokens: one's own are made and removed here; global administrators see and remove everybody's."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from relevo.directory import scope, tokens
from relevo.directory.api_models import ApiToken
from relevo.directory.models import Administrator
from relevo.web.asking import Question
from relevo.web.form import DirectoryForm, Number, Text
from relevo.web.section import Section, column, moment

_KINDS = {
    tokens.DOMAINS: _("domains"), tokens.MAILBOXES: _("mailboxes"), tokens.ALIASES: _("aliases"),
    tokens.LISTS: _("distribution lists"), tokens.QUEUE: _("mail queue"), tokens.QUARANTINE: _("quarantine"),
    tokens.SENDER_RULES: _("allowed and blocked senders"),
    tokens.TRACE: _("trace of messages"),
    tokens.ADMINISTRATORS: _("administrators"), tokens.AUDIT: _("audit log"),
    tokens.STATUS: _("state of the platform"),
}
_RIGHTS = {tokens.READ: _("read"), tokens.WRITE: _("read and write")}


def _in_words(scope_: str) -> str:
    kind, _colon, right = scope_.partition(":")
    return f"{capfirst(str(_KINDS[kind]))}: {_RIGHTS[right]} ({scope_})"


class NewToken(DirectoryForm):
    """The form for a new token of whoever is logged in."""

    name = Text(label=_("Program"), required=True, most=100, help_text=_("What shall use it, for the list."))
    days = Number(label=_("Days"), help_text=_("So long it is good, 730 at most."))
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), required=False, widget=widgets.UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text=_("As little as the program needs. It never does more than you may."),
    )

    class Meta(DirectoryForm.Meta):  # noqa: D106 - Django's name
        model = ApiToken

    def limit(self) -> None:
        """Offer what means anything for this administrator."""
        field: Any = self.fields["scopes"]
        field.choices = [(name, _in_words(name)) for name in tokens.offered(self.administrator)]
        self.fields["days"].initial = tokens.DAYS

    def write(self, given: dict[str, Any]) -> ApiToken:
        """Make it."""
        return tokens.add(self.administrator.address, given["name"], scopes=given["scopes"], days=given["days"])


class TokenSection(Section):
    """The tokens."""

    new_form = changing_form = NewToken
    new_fields = ((None, {"fields": ("name", "days", "scopes")}),)
    changing_fields = ((None, {"fields": ("called", "of", "may", "made", "until", "used")}),)
    adding, removing = _("Make a token"), _("Remove the token")
    empty_hint = _("Programs, such as a CRM, use the API with a token of their own.")
    list_display = ("called", "of", "may", "until", "used", "is_good")
    search_fields, text_fields = ("administrator__address",), ("name",)

    def rows(self, administrator: Administrator) -> QuerySet[Any]:
        """Return one's own, or all to a global administrator."""
        return scope.tokens(administrator)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Let nobody give a token more than it was made with."""
        return False

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Offer one way to save: what follows is the token."""
        one_way = {"show_save_and_continue": False, "show_save_and_add_another": False}
        return super().add_view(request, form_url, {**one_way, **(extra_context or {})})

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Show the token: it stands on this page, and nowhere else."""
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("The new token"), "token": obj.plain,
            "sentences": (
                _("This is the token of {name}. It is shown this once: keep it where the program reads it.")
                .format(name=obj.name),
                _("The program sends it in the header Authorization, after the word Bearer."),
            ),
            "forth": _("I have kept it"),
        }
        return TemplateResponse(request, "relevo/token.html", context)

    def removal(self, request: HttpRequest, entry: ApiToken) -> Question:
        """Say what becomes of the program."""
        return Question(
            title=_("Remove the token of {name}?").format(name=entry),
            consequences=(
                _("The program that has it is refused at once."),
                _("What it did stays, and the audit log keeps it."),
            ),
            button=_("Remove the token"), act=lambda _ticked: tokens.remove(entry.pk),
            done=_("The token of {name} is removed.").format(name=entry),
        )

    def in_audit_log(self, entry: ApiToken) -> str:
        """Return whose it is: the audit log has the tokens of an administrator there."""
        return f"{entry.administrator.address} admin.token"

    @column(_("program"), ordering="name")
    def called(self, entry: ApiToken) -> str:
        """Return what has it."""
        return entry.name

    @column(_("administrator"), ordering="administrator__address")
    def of(self, entry: ApiToken) -> str:
        """Return in whose name it acts."""
        return entry.administrator.address

    @column(_("what it may do"))
    def may(self, entry: ApiToken) -> str:
        """Return its scopes."""
        return ", ".join(entry.scopes)

    @column(_("made"))
    def made(self, entry: ApiToken) -> str:
        """Return when it was made."""
        return moment(entry.created_at)

    @column(_("good until"), ordering="expires_at")
    def until(self, entry: ApiToken) -> str:
        """Return when it ends."""
        return moment(entry.expires_at)

    @column(_("last used"), ordering="last_used_at")
    def used(self, entry: ApiToken) -> str:
        """Return when it was used last, to the minute."""
        return moment(entry.last_used_at) if entry.last_used_at else ""

    @column(_("is valid"), boolean=True)
    def is_good(self, entry: ApiToken) -> bool:
        """Tell whether a program gets in with it."""
        return entry.administrator.enabled and not entry.is_expired

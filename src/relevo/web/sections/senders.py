"""Senders that are allowed or blocked: for all, for a domain, for an owner."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from relevo.directory import scope, sender_rules
from relevo.directory.models import Administrator
from relevo.directory.quarantine_models import SenderRule, Verdict
from relevo.errors import DirectoryError
from relevo.web.asking import Question
from relevo.web.form import Choice, DirectoryForm, Text
from relevo.web.section import Section, column, moment
from relevo.web.sections.filters import DomainFilter


class ConcernedFilter(DomainFilter):
    """Only what is for one of the administrator's domains, or a mailbox in it."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow the rows."""
        return sender_rules.concerning(queryset, str(self.value())) if self.value() else queryset


class VerdictFilter(SimpleListFilter):
    """Only the allowed ones, or the blocked ones."""

    title = _("said")
    parameter_name = "verdict"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer both."""
        return list(Verdict.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow the rows."""
        return queryset.filter(verdict=self.value()) if self.value() else queryset


class NewRule(DirectoryForm):
    """The form for what shall be said of a sender."""

    sender = Text(
        label=_("Sender"), required=True, most=254, help_text=_("An address, or a domain for everybody in it."),
    )
    verdict = Choice(Verdict.choices, label=_("Shall be"), initial=Verdict.BLOCK)
    recipient = Text(label=_("For"), required=True, most=254, help_text=_("A mailbox, or one of your domains."))

    class Meta(DirectoryForm.Meta):  # noqa: D106 - Django's name
        model = SenderRule

    def limit(self) -> None:
        """Say that a global administrator may speak for all."""
        if self.administrator.is_global:
            self.fields["recipient"].help_text = _("A mailbox, a domain of ours, or * for all.")

    def write(self, given: dict[str, Any]) -> SenderRule:
        """Say it."""
        recipient = sender_rules.recipient_of(given["recipient"])
        if not scope.may_speak_for(self.administrator, recipient):
            raise DirectoryError(str(_("choose a mailbox in one of your domains, or one of these")))
        return sender_rules.say(given["verdict"], given["sender"], recipient)


class SenderSection(Section):
    """What is said of senders."""

    new_form = changing_form = NewRule
    new_fields = ((None, {"fields": ("sender", "verdict", "recipient")}),)
    changing_fields = ((None, {"fields": ("who", "said", "whom", "since")}),)
    adding, removing = _("Allow or block a sender"), _("Remove the rule")
    empty_hint = _("Mail of an allowed sender is taken more easily; mail of a blocked one is refused.")
    list_display = ("who", "said", "whom", "since")
    list_filter = (VerdictFilter, ConcernedFilter)
    search_fields = ("sender", "recipient")

    def rows(self, administrator: Administrator) -> QuerySet[Any]:
        """Return those in the administrator's domains, and to a global one all."""
        return scope.sender_rules(administrator)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Let a rule only be taken back: another word on the same sender takes its place."""
        return False

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Offer no way on to a form: there is nothing to be changed in a rule."""
        return super().add_view(request, form_url, {"show_save_and_continue": False, **(extra_context or {})})

    def removal(self, request: HttpRequest, entry: SenderRule) -> Question:
        """Say what becomes of the mail."""
        return Question(
            title=_("Remove the rule on {sender}?").format(sender=_bare(entry.sender)),
            consequences=(
                _("From the next message on the filter judges the sender's mail as any other."),
                _("A rule for a domain or for all then counts, where there is one."),
            ),
            button=_("Remove the rule"), act=lambda _ticked: sender_rules.remove(entry),
            done=_("Nothing is said of {sender} any more.").format(sender=_bare(entry.sender)),
        )

    def in_audit_log(self, entry: SenderRule) -> str:
        """Return whose rule it is: the audit log has it there."""
        return entry.recipient or sender_rules.ALL

    @column(_("sender"), ordering="sender")
    def who(self, entry: SenderRule) -> str:
        """Return the sender."""
        return _bare(entry.sender)

    @column(_("said"), ordering="verdict")
    def said(self, entry: SenderRule) -> str:
        """Return what is said."""
        return str(entry.get_verdict_display())

    @column(_("for"), ordering="recipient")
    def whom(self, entry: SenderRule) -> str:
        """Return for whom."""
        return _bare(entry.recipient) or str(_("all"))

    @column(_("since"), ordering="created_at")
    def since(self, entry: SenderRule) -> str:
        """Return since when."""
        return moment(entry.created_at)


def _bare(text: str) -> str:
    """Return a domain without its '@'."""
    return text.removeprefix("@")

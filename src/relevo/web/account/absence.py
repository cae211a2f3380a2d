"""The owner's absence note."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.messages import success
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from relevo.directory.models import Mailbox
from relevo.directory.sieve import absence as absences
from relevo.directory.sieve.notes import Note
from relevo.errors import DirectoryError
from relevo.web.account import answering, session
from relevo.web.account.fields import Day, Lines, LongText, Text, Tick
from relevo.web.account.pages import page
from relevo.web.login import sentence

_WHO = _("One a line: an address, or a whole domain like example.org.")


class AbsenceForm(forms.Form):
    """What is answered, when, and to whom."""

    on = Tick(label=_("Answer mail while I am away"))
    first = Day(label=_("First day"), help_text=_("Empty: from now on."))
    last = Day(label=_("Last day"), help_text=_("Empty: until it is switched off."))
    subject = Text(
        label=_("Subject"), required=False, most=absences.SUBJECT_LENGTH,
        help_text=_("Empty: that of the mail that is answered."),
    )
    text = LongText(label=_("Answer"), most=absences.TEXT_LENGTH)
    only = Lines(label=_("Only to these senders"), help_text=_WHO)
    never = Lines(label=_("Never to these senders"), help_text=_WHO)

    def __init__(self, box: Mailbox, note: Note, sent: Any = None) -> None:
        names = ("on", "first", "last", "subject", "text", "only", "never")
        super().__init__(sent, initial={name: _shown(getattr(note, name)) for name in names})
        self._box = box

    def clean_only(self) -> list[str]:
        """Return them as a rule has them."""
        return self._senders("only")

    def clean_never(self) -> list[str]:
        """Return them as a rule has them."""
        return self._senders("never")

    def clean(self) -> dict[str, Any]:
        """Have the directory set it."""
        given: dict[str, Any] = self.cleaned_data
        if not self.errors:
            try:
                absences.set_(self._box, Note(**given))
            except DirectoryError as error:
                raise forms.ValidationError(sentence(error)) from None
        return given

    def _senders(self, name: str) -> list[str]:
        try:
            return absences.senders(self.cleaned_data[name])
        except DirectoryError as error:
            raise forms.ValidationError(sentence(error)) from None


@session.own
def absence(request: HttpRequest, box: Mailbox) -> HttpResponse:
    """Show and set the note."""
    form, refusal = None, ""
    try:
        form = AbsenceForm(box, Note() if request.method == "POST" else absences.read(box), request.POST or None)
    except DirectoryError as error:
        refusal = sentence(error)
    if form and request.method == "POST" and form.is_valid():
        on = form.cleaned_data["on"]
        answering.keep(request, Note(**form.cleaned_data))
        success(request, _("Mail is answered while you are away.") if on else _("No mail is answered any more."))
        return redirect("account:overview")
    return page(request, box, "absence", _("Absence note"), {"form": form, "refusal": refusal})


def _shown(value: Any) -> Any:
    """Return a value as people write it: a whole domain by its name."""
    return [text.removeprefix("*@") for text in value] if isinstance(value, list) else value

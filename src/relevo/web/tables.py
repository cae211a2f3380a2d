"""Tables of a section: its entries as a file, and a file's rows as entries, after a look at what they would do."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminFileFieldWidget

from relevo.directory.bulk import waiting
from relevo.directory.bulk.carrying import Outcome, carry_out
from relevo.directory.bulk.exporting import export
from relevo.directory.bulk.kinds import Kind
from relevo.directory.bulk.planning import Plan, Step, plan
from relevo.directory.bulk.text import decode
from relevo.errors import DirectoryError
from relevo.web.login import sentence
from relevo.web.section import who

_LARGEST = 5 << 20  # bytes of a file
_SECONDS = 15  # of one request; nginx waits for 60
_MISTAKES, _ROWS = 500, 10  # shown; of the others how many
_COMMA_IS_DECIMAL = {"es": ";"}  # what spreadsheets in that language put between cells


class UploadForm(forms.Form):
    """The file."""

    table = forms.FileField(
        label=_("Table (CSV)"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
        error_messages={"required": _("Choose a file of at most 5 MiB.")},
    )

    def clean_table(self) -> str:
        """Return its text."""
        file = self.cleaned_data["table"]
        if file.size > _LARGEST:
            raise forms.ValidationError(_("Choose a file of at most 5 MiB."))
        try:
            return decode(file.read())
        except DirectoryError as error:
            raise forms.ValidationError(sentence(error)) from None


class WithTables:
    """A section whose entries come and go as tables; `table_kind` says which."""

    table_kind: ClassVar[Kind]
    actions_list = ("import_table", "export_table")
    admin_site: Any
    opts: Any

    @action(description=_("Export"), url_path="export", icon="download")
    def export_table(self, request: HttpRequest) -> HttpResponse:
        """Send what the administrator sees, with the mark by which spreadsheets know UTF-8."""
        delimiter = _COMMA_IS_DECIMAL.get((get_language() or "")[:2], ",")
        text = export(self.table_kind, who(request), delimiter=delimiter)
        answer = HttpResponse("\ufeff" + text, "text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{self.opts.model_name}.csv"'
        return answer

    @action(description=_("Import"), url_path="import", icon="upload")
    def import_table(self, request: HttpRequest) -> HttpResponse:
        """Take a file, show what would become of it, and carry that out."""
        person, kind = who(request), self.table_kind
        if request.method == "POST" and "cancel" in request.POST:
            waiting.drop(person, kind)
            return redirect(request.path)
        if request.method == "POST" and "carry" in request.POST:
            return self._carry(request)
        if request.method == "GET" and "look" in request.GET and (text := waiting.kept(person, kind)) is not None:
            return self._show(request, plan(kind, text, person))
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        if request.method == "POST" and form.is_valid():
            waiting.keep(person, kind, form.cleaned_data["table"])
            return redirect(f"{request.path}?look=1")
        return self._page(request, "relevo/import.html", {"form": form, "columns": list(kind.columns)})

    def _carry(self, request: HttpRequest) -> HttpResponse:
        """Carry out as much as fits into one request; the page sends itself again until all is done."""
        person, kind = who(request), self.table_kind
        if (text := waiting.kept(person, kind)) is None:
            return redirect(request.path)
        made, before = plan(kind, text, person), _so_far(request)
        if made.mistakes:
            return self._show(request, made)
        try:
            outcome = carry_out(made, within=_SECONDS)
        except DirectoryError as error:
            return self._show(request, plan(kind, text, person), refusal=sentence(error))
        left = len(made.steps) - outcome.done - len(outcome.refused)
        if not left or outcome.refused:
            waiting.drop(person, kind)
        return self._page(request, "relevo/import_done.html", _result(outcome, before, left))

    def _show(self, request: HttpRequest, made: Plan, refusal: str = "") -> HttpResponse:
        return self._page(request, "relevo/import_plan.html", {
            "refusal": refusal,
            "counts": (
                (_("added"), made.added), (_("changed"), made.changed), (_("left as they are"), made.left),
                (_("mistakes"), len(made.mistakes)),
            ),
            "mistakes": made.mistakes[:_MISTAKES], "more_mistakes": len(made.mistakes[_MISTAKES:]),
            "steps": [_in_words(step) for step in made.steps[:_ROWS]], "more_steps": len(made.steps[_ROWS:]),
            "can_be_done": bool(made.steps) and not made.mistakes,
        })

    def _page(self, request: HttpRequest, template: str, more: dict[str, Any]) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": _("Import"), **more}
        return TemplateResponse(request, template, context)


def _so_far(request: HttpRequest) -> tuple[int, int]:
    """Return how many were added and changed by the requests before, as the page has kept it; for show only."""
    given = [request.POST.get(name, "") for name in ("added", "changed")]
    added, changed = (int(text) if text.isascii() and text.isdigit() and len(text) < len("1000000") else 0
                      for text in given)
    return added, changed


def _result(outcome: Outcome, before: tuple[int, int], left: int) -> dict[str, Any]:
    added, changed = outcome.added + before[0], outcome.changed + before[1]
    return {
        "added": added, "changed": changed, "left": left, "refused": outcome.refused[:_MISTAKES],
        "going_on": left and not outcome.refused,
        "counts": ((_("added"), added), (_("changed"), changed), (_("still to do"), left),
                   (_("refused"), len(outcome.refused))),
    }


def _in_words(step: Step) -> tuple[int, str, Any, str]:
    """Return a row of the look ahead; a password is never in it."""
    values = {key: value for key, value in step.values.items() if key not in {"address", "password"}}
    said = "; ".join(f"{key}: {_cell(value)}" for key, value in values.items())
    return step.line, step.address, _("added") if step.new else _("changed"), said


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return ", ".join(value) if isinstance(value, list) else value

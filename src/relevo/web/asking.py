"""The question before something is removed or brought back: what happens then, and a button that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from relevo.errors import DirectoryError
from relevo.web.login import sentence

Words: TypeAlias = Any  # a text, or one that is translated when it is shown


@dataclass(frozen=True)
class Question:
    """What is asked. `act` gets what was ticked of `choices` (name -> text), and may raise DirectoryError."""

    title: str
    consequences: Sequence[Words]
    button: Words
    act: Callable[[Mapping[str, bool]], object]
    done: str
    choices: Mapping[str, Words] = field(default_factory=dict)
    harmless: bool = False


def ask(section: Any, request: HttpRequest, entry: Any, question: Question) -> HttpResponse:
    """Ask; when the answer has come, do it and go back to the list, or say why it can't be."""
    refusal = ""
    if request.method == "POST":
        try:
            question.act({name: name in request.POST for name in question.choices})
        except DirectoryError as error:
            refusal = sentence(error)
        else:
            messages.success(request, question.done)
            return redirect(f"admin:{section.opts.app_label}_{section.opts.model_name}_changelist")
    context = {
        **section.admin_site.each_context(request), "opts": section.opts, "original": entry, "title": question.title,
        "question": question, "refusal": refusal, "back": _("No, go back"),
    }
    return TemplateResponse(request, "relevo/asking.html", context)

"""The page "DNS and DKIM" of a domain: what name servers say of it, beside what they should, and its keys.

A domain's own administrators see all of it and rotate its keys, step by step: a key signs when DNS shows it. What can
harm mail (a key that nobody has seen in DNS, no key at all, an old one deleted too early) is for global ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from relevo.directory.dkim import keys, publishing
from relevo.directory.dkim_models import DkimKey
from relevo.directory.models import Domain
from relevo.errors import DirectoryError
from relevo.web.asking import Question
from relevo.web.dns_rows import KeyRow, RecordRow, by_state
from relevo.web.login import sentence
from relevo.web.section import is_global, moment

MAKE, SIGN, SIGN_UNSEEN, RETIRE, DELETE, DELETE_NOW = (
    "make", "sign", "sign_unseen", "retire", "delete", "delete_now",
)
_GLOBAL = frozenset({SIGN_UNSEEN, RETIRE, DELETE_NOW})
_ASKED_TWICE = frozenset({SIGN_UNSEEN, RETIRE, DELETE, DELETE_NOW})


class WithDns:
    """Domains with that page; for the section of the domains."""

    dns_pages: ClassVar = ("dns",)

    def has_dns_permission(self, request: HttpRequest, object_id: str | int | None = None) -> bool:
        """Offer it for whatever domain is seen."""
        section: Any = self
        return bool(section.get_queryset(request).filter(pk=object_id or 0).exists())

    @action(description=gettext_lazy("DNS and DKIM"), url_path="dns", permissions=["dns"], icon="dns")
    def dns(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show it, or take the step that was chosen."""
        section: Any = self
        domain: Domain = section.get_queryset(request).get(pk=object_id)
        if request.method == "POST":
            return self._step(request, domain)
        own = list(keys.listing([domain]))
        seen = publishing.look(domain, own)
        return self._page(request, domain, "relevo/domain_dns.html", _("DNS and DKIM"), {
            "seen": seen, "rows": [RecordRow(one, seen, own) for one in seen.findings],
            "asked": _("Asked at {when}.").format(when=moment(seen.at)),
            "keys": [KeyRow(key, is_global=is_global(request)) for key in sorted(own, key=by_state)],
            "is_signed": any(key.state == "signing" for key in own), "may_make": not any(k.state == "new" for k in own),
            "provider": publishing.facts().domain != domain.name or not publishing.facts().managed,
        })

    def _step(self, request: HttpRequest, domain: Domain) -> HttpResponse:
        do, selector = request.POST.get("do", ""), request.POST.get("selector", "")
        if do in _GLOBAL and not is_global(request):
            raise PermissionDenied
        try:
            if do in _ASKED_TWICE and "sure" not in request.POST:
                question = _question(do, keys.find(domain.name, selector))
                return self._page(request, domain, "relevo/dns_sure.html", question.title, {
                    "question": question, "do": do, "selector": selector,
                })
            messages.success(request, _done(do, domain, selector))
        except DirectoryError as error:
            messages.error(request, sentence(error))
        return HttpResponseRedirect(request.path)

    def _page(
        self, request: HttpRequest, domain: Domain, template: str, title: str, context: dict[str, Any]
    ) -> HttpResponse:
        section: Any = self
        return TemplateResponse(request, template, {
            **section.admin_site.each_context(request), "opts": section.opts, "original": domain, "title": title,
            "here": request.path, "back": reverse("admin:directory_domain_change", args=[domain.pk]), **context,
        })


def _done(do: str, domain: Domain, selector: str) -> str:
    """Take a step; return what is then, in a sentence."""
    name = domain.name
    steps: dict[str, Callable[[], object]] = {
        MAKE: lambda: keys.make(name),
        SIGN: lambda: keys.sign(name, selector),
        SIGN_UNSEEN: lambda: keys.sign(name, selector, published=True),
        RETIRE: lambda: keys.retire(name, selector),
        DELETE: lambda: keys.delete(name, selector),
        DELETE_NOW: lambda: keys.delete(name, selector, now=True),
    }
    if do not in steps:
        raise DirectoryError(_("choose what is to be done"))
    made = steps[do]()
    if do == MAKE:
        return _("The key {selector} is made: publish its record below. It signs by itself when DNS shows it.").format(
            selector=made
        )
    if do in {SIGN, SIGN_UNSEEN}:
        return _("Mail of {domain} is signed with {selector} from now on.").format(domain=name, selector=selector)
    if do == RETIRE:
        return _("Mail of {domain} is not signed any more.").format(domain=name)
    return _("The key {selector} is deleted.").format(selector=selector)


def _question(do: str, key: DkimKey) -> Question:
    """Return what is asked before a step that can't simply be taken back."""
    made: dict[str, Callable[[DkimKey], Question]] = {
        SIGN_UNSEEN: _before_signing, RETIRE: _before_retiring, DELETE: _before_deleting, DELETE_NOW: _before_deleting,
    }
    return made[do](key)


def _before_signing(key: DkimKey) -> Question:
    return _asked(
        _("Sign with {selector} without seeing it in DNS?").format(selector=key),
        (
            _("If its record is not published, other servers can't verify mail of {domain}: with DMARC they may refuse "
              "it.").format(domain=key.domain),
            _("The key that signs now is retired; its record must stay published."),
        ),
        _("I have seen it: sign with it"),
    )


def _before_retiring(key: DkimKey) -> Question:
    return _asked(
        _("Stop signing mail of {domain}?").format(domain=key.domain),
        (
            _("It is then not signed at all until another key signs: other servers may take it for spam or refuse it."),
            _("To change the key, make a new one instead: it takes this one's place by itself."),
        ),
        _("Stop signing"),
    )


def _before_deleting(key: DkimKey) -> Question:
    return _asked(
        _("Delete the key {selector}?").format(selector=key),
        (
            _("Mail that it has signed may be under way until {day}; without its record nobody can verify that.")
            .format(day=moment(key.safe_from)) if key.safe_from and not key.may_go
            else _("Nothing that is under way needs it."),
            _("Its record can be taken out of DNS after that."),
        ),
        _("Delete the key"),
    )


def _asked(title: str, consequences: tuple[str, ...], button: str) -> Question:
    return Question(title=title, consequences=consequences, button=button, act=lambda _ticked: None, done="")

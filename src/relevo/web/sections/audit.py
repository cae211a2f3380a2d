"""The audit log: to be read, never written here."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from relevo.directory import scope
from relevo.directory.models import Administrator, AuditEntry
from relevo.web.form import DirectoryForm
from relevo.web.section import Section, column, moment
from relevo.web.sections import audited

_ACTIONS = {
    "domain.add": _("domain added"),
    "domain.set": _("domain changed"),
    "domain.remove": _("domain removed"),
    "mailbox.add": _("mailbox added"),
    "mailbox.set": _("mailbox changed"),
    "mailbox.password": _("password of a mailbox set"),
    "mailbox.absence": _("absence note changed"),
    "mailbox.choice": _("owner's choice of daily list and language"),
    "mailbox.login": _("owner logged in to the portal"),
    "mailbox.factor.app": _("second factor of an owner set up"),
    "mailbox.factor.codes": _("new recovery codes of an owner made"),
    "mailbox.factor.code_used": _("recovery code of an owner used"),
    "mailbox.factor.remove": _("second factor of an owner taken away"),
    "mailbox.factor.refused": _("right password of an owner, wrong second factor"),
    "mailbox.app_password.add": _("app password made"),
    "mailbox.app_password.revoke": _("app password revoked"),
    "mailbox.app_password.revoke_all": _("all app passwords of a mailbox revoked"),
    "mailbox.remove": _("mailbox removed"),
    "mailbox.restore": _("mailbox brought back"),
    "mailbox.purge": _("mailbox and its mail deleted"),
    "shared.add": _("shared mailbox added"),
    "shared.from_mailbox": _("mailbox made a shared one"),
    "shared.to_mailbox": _("shared mailbox made one person's"),
    "shared.set": _("shared mailbox or its members changed"),
    "alias.add": _("alias added"),
    "alias.set": _("alias changed"),
    "alias.remove": _("alias removed"),
    "list.add": _("list added"),
    "list.set": _("list changed"),
    "list.remove": _("list removed"),
    "post.approve": _("post let through to a list"),
    "post.refuse": _("post to a list refused"),
    "post.delete": _("post to a list deleted"),
    "dkim.make": _("DKIM key made"),
    "dkim.adopt": _("DKIM key taken over"),
    "dkim.sign": _("DKIM key signs"),
    "dkim.retire": _("signing stopped"),
    "dkim.delete": _("DKIM key deleted"),
    "queue.retry": _("waiting message tried again"),
    "queue.hold": _("waiting message put on hold"),
    "queue.release": _("message released from hold"),
    "queue.delete": _("waiting message deleted"),
    "queue.retry_all": _("all waiting mail tried again"),
    "trace.search": _("traces of messages searched"),
    "trace.show": _("trace of a message looked at"),
    "quarantine.release": _("refused message released"),
    "quarantine.delete": _("refused message deleted"),
    "quarantine.digest": _("lists of refused mail sent by order"),
    "sender.allow": _("sender allowed"),
    "sender.block": _("sender blocked"),
    "sender.remove": _("sender's rule removed"),
    "admin.add": _("administrator added"),
    "admin.set": _("administrator changed"),
    "admin.password": _("password of an administrator set"),
    "admin.remove": _("administrator removed"),
    "admin.login": _("administrator logged in"),
    "admin.token.add": _("API token made"),
    "admin.token.remove": _("API token removed"),
    "admin.factors.app": _("authenticator app set up"),
    "admin.factors.app_removed": _("authenticator app removed"),
    "admin.factors.key": _("security key added"),
    "admin.factors.key_removed": _("security key removed"),
    "admin.factors.codes": _("new recovery codes made"),
    "admin.factors.code_used": _("recovery code used"),
    "admin.factors.clear": _("second factors taken away"),
    "admin.factors.refused": _("right password, wrong second factor"),
}


class _Nothing(DirectoryForm):
    """The form without fields."""

    class Meta(DirectoryForm.Meta):
        model = AuditEntry


class AuditSection(Section):
    """Who changed what, when and from where; the newest first."""

    new_form = changing_form = _Nothing
    new_fields = changing_fields = ((None, {"fields": ("when", "by", "place", "what", "which", "details")}),)
    empty_hint = _("Every change, here or by command, leaves a line.")
    list_display = ("when", "by", "what", "about", "place")
    search_fields = ("subject", "actor", "action")

    def rows(self, administrator: Administrator) -> QuerySet[Any]:
        """Return what concerns the administrator."""
        return scope.audit_entries(administrator)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return an entry, with the way to what it is about."""
        if entry := super().get_object(request, object_id, from_field):
            entry.way = audited.way(self.admin_site, request, entry)
        return entry

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let nobody write it."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Let nobody change it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Let nobody shorten it."""
        return False

    @column(_("when"), ordering="id")
    def when(self, entry: AuditEntry) -> str:
        """Return when it was done."""
        return moment(entry.at)

    @column(_("who"), ordering="actor")
    def by(self, entry: AuditEntry) -> str:
        """Return who did it."""
        return entry.actor

    @column(_("about"), ordering="subject")
    def about(self, entry: AuditEntry) -> str:
        """Return what it was done to."""
        return entry.subject

    @column(_("about"))
    def which(self, entry: Any) -> str:
        """Return the same as a link, where it leads somewhere."""
        return entry.way  # type: ignore[no-any-return] # `get_object` has put it there

    @column(_("from"))
    def place(self, entry: AuditEntry) -> str:
        """Return where it was done from."""
        return entry.source or str(_("command line"))

    @column(_("what"), ordering="action")
    def what(self, entry: AuditEntry) -> str:
        """Return what was done, in words."""
        return str(_ACTIONS.get(entry.action, entry.action))

    @column(_("details"))
    def details(self, entry: AuditEntry) -> str:
        """Return what it was set to."""
        return "; ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in entry.detail.items())

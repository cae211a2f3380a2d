"""Mailboxes."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from relevo.directory import mailboxes, scope, use
from relevo.directory.bulk.kinds import MAILBOXES
from relevo.directory.database import changing
from relevo.directory.models import Administrator, Mailbox
from relevo.web.asking import Question, ask
from relevo.web.form import DirectoryForm, DomainChoice, Lines, Number, Password, Switch, Text
from relevo.web.section import Section, addresses, column, is_global, moment
from relevo.web.sections.filters import DomainFilter, RemovedFilter, StateFilter
from relevo.web.sections.owners import OfOwners
from relevo.web.sections.sharing import CanBeShared
from relevo.web.sections.use import WithUse
from relevo.web.tables import WithTables

_QUOTA = _("MiB; 0: no limit")
_FORWARD = _("Addresses that its mail goes on to, one a line.")
_STRONG = _("10 characters or more, best several words that have nothing to do with each other.")


class NewMailbox(DirectoryForm):
    """The form for a new mailbox."""

    local_part = Text(label=_("Before the @"), required=True, most=64)
    domain = DomainChoice(label=_("Domain"))
    name = Text(label=_("Name"), help_text=_("The person's."))
    password = Password(label=_("Password"), required=True, help_text=_STRONG)
    again = Password(label=_("The same again"), required=True)
    quota_mb = Number(label=_("Quota"), required=False, help_text=_("MiB; 0: no limit; empty: the domain's default"))
    forward = Lines(label=_("Forwarding"), help_text=_FORWARD)
    keep_copy = Switch(label=_("What is forwarded stays in the mailbox too"), initial=True)
    enabled = Switch(label=_("Switched on"), initial=True)

    class Meta(DirectoryForm.Meta):  # noqa: D106 - Django's name
        model = Mailbox

    def write(self, given: dict[str, Any]) -> Mailbox:
        """Add it."""
        address = f"{given['local_part']}@{given['domain'].name}"
        options = ("name", "quota_mb", "forward", "keep_copy", "enabled")
        return mailboxes.add(address, given["password"], **{name: given[name] for name in options})


class ChangingMailbox(DirectoryForm):
    """The form of a mailbox that is there."""

    name = Text(label=_("Name"), help_text=_("The person's."))
    quota_mb = Number(label=_("Quota"), help_text=_QUOTA)
    enabled = Switch(label=_("Switched on"), help_text=_("Off: it receives nothing and nobody can log in to it."))
    forward = Lines(label=_("Forwarding"), help_text=_FORWARD)
    keep_copy = Switch(label=_("What is forwarded stays in the mailbox too"))
    password = Password(label=_("New password"), help_text=_("Empty: it stays as it is."))
    again = Password(label=_("The new one again"))

    class Meta(DirectoryForm.Meta):  # noqa: D106 - Django's name
        model = Mailbox

    def values(self, entry: Mailbox) -> dict[str, Any]:
        """Return what the fields show."""
        return {
            "name": entry.name, "quota_mb": entry.quota_mb, "enabled": entry.enabled, "keep_copy": entry.keep_copy,
            "forward": sorted(row.target for row in entry.forwards.all()),
        }

    @changing
    def write(self, given: dict[str, Any]) -> Mailbox:
        """Change what was changed, all or nothing."""
        box: Mailbox = self.instance
        if given["password"]:
            mailboxes.set_password(box.address, given["password"])
        if changes := self.changed(given, ("name", "quota_mb", "enabled", "forward", "keep_copy")):
            box = mailboxes.change(box.address, **changes)
        return box


class MailboxSection(WithTables, OfOwners, CanBeShared, WithUse, Section):
    """The mailboxes that people have; the platform's own, for its probes, are not shown."""

    table_kind = MAILBOXES
    new_form, changing_form = NewMailbox, ChangingMailbox
    new_fields = (
        (None, {"fields": (("local_part", "domain"), "name")}),
        (_("Password"), {"fields": ("password", "again")}),
        (_("What it may do"), {"fields": ("quota_mb", "forward", "keep_copy", "enabled")}),
    )
    changing_fields = (
        (None, {"fields": ("name", "quota_mb", "enabled")}),
        (_("Forwarding"), {"fields": ("forward", "keep_copy")}),
        (_("Password"), {"fields": ("password", "again", "programs")}),
        (_("Use"), {"fields": ("used", "last_login_whole", "devices", "as_of")}),
        (_("What its owner has chosen"), {"fields": ("gets_list",)}),
    )
    readonly_fields = ("programs", "used", "last_login_whole", "devices", "as_of", "gets_list")
    removed_fields = ((None, {"fields": ("person", "used", "last_login_whole", "forwarded", "removed")}),)
    adding, removing = _("Add a mailbox"), _("Remove the mailbox")
    empty_hint = _("Add one for each person; they can log in to the webmail at once.")
    list_display = ("at_address", "person", "used", "last_login", "forwarded", "is_on")
    list_filter = (DomainFilter, StateFilter, RemovedFilter)
    search_fields, text_fields = ("address",), ("name",)
    actions_detail = ("bring_back", *OfOwners.of_owners, "share")

    def rows(self, administrator: Administrator) -> QuerySet[Any]:
        """Return those in use and those removed, shared ones only among these; never the hidden ones."""
        boxes = Mailbox.objects.filter(Q(shared_mark=None) | Q(removed_at__isnull=False), hidden=False)
        boxes = boxes.select_related("choice").prefetch_related("forwards")
        return scope.within(administrator, use.shown(boxes))

    def in_use(self, request: HttpRequest) -> QuerySet[Any]:
        """Return those that are not removed."""
        return self.get_queryset(request).filter(removed_at=None)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show of a removed one what it was."""
        return self.removed_fields if obj and obj.removed_at else super().get_fieldsets(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Let a removed one only be looked at."""
        return super().has_change_permission(request, obj) and not getattr(obj, "removed_at", None)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Let nobody remove one twice."""
        return self.has_change_permission(request, obj)

    def has_bring_back_permission(self, request: HttpRequest, object_id: str | int | None = None) -> bool:
        """Offer it of removed ones."""
        return self.get_queryset(request).filter(pk=object_id).exclude(removed_at=None).exists()

    def removal(self, request: HttpRequest, entry: Mailbox) -> Question:
        """Say what becomes of the mail."""
        return Question(
            title=_("Remove {address}?").format(address=entry),
            consequences=(
                _("It receives nothing any more: mail to it is refused, and its sender is told so."),
                _("Nobody can log in to it, and who is logged in now is logged out."),
                _("Its mail stays, and with it you can bring the mailbox back: filter the list by removed ones. "
                    "`relevo mailbox purge {address}` deletes the mail for good.").format(address=entry),
            ),
            button=_("Remove the mailbox"),
            act=lambda ticked: mailboxes.remove(entry.address, everywhere=ticked.get("everywhere", False)),
            done=_("{address} is removed; its mail stays.").format(address=entry),
            choices={"everywhere": _("Take it out of the aliases, lists and forwarding that send mail to it")}
            if is_global(request) else {},
        )

    @action(description=_("Bring back"), url_path="restore", permissions=["bring_back"], icon="restore_from_trash")
    def bring_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask whether a removed mailbox shall come back."""
        entry = self.get_queryset(request).get(pk=object_id)
        return ask(self, request, entry, Question(
            title=_("Bring {address} back?").format(address=entry),
            consequences=(
                _("It has its mail, its password and its forwarding again, and receives from then on."),
                _("What was sent to it meanwhile was refused and does not come by itself."),
            ),
            button=_("Bring the mailbox back"), act=lambda _ticked: mailboxes.restore(entry.address),
            done=_("{address} is back, with its mail and password.").format(address=entry), harmless=True,
        ))

    @column(_("name"), ordering="name")
    def person(self, entry: Mailbox) -> str:
        """Return whose it is."""
        return entry.name

    @column(_("forwards to"))
    def forwarded(self, entry: Mailbox) -> str:
        """Return some of where its mail goes on to."""
        return addresses(entry.forwards.all())

    @column(_("removed"))
    def removed(self, entry: Mailbox) -> str:
        """Return when it was removed."""
        return moment(entry.removed_at) if entry.removed_at else ""

    @column(_("switched on"), boolean=True, ordering="enabled")
    def is_on(self, entry: Mailbox) -> bool:
        """Tell whether it receives."""
        return entry.enabled and not entry.removed_at

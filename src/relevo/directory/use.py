"""How mailboxes are used: the last login, how full, with which devices. relevo-use writes it (services/use).

The figures are some minutes old; `as_of` says how old.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Max, OuterRef, QuerySet, Subquery, Sum
from django.utils import timezone

from relevo.directory import app_passwords
from relevo.directory.models import Domain, Mailbox
from relevo.directory.use_models import DeviceUse, MailboxUse, UseReading

FIELDS = ("last_login_at", "quota_used", "quota_at")
SHOWN = 50  # devices of one mailbox
DAYS = 90  # so long a device is remembered that does not come again (services/use)
_FRESH = timedelta(minutes=15)  # three turns of relevo-use
_OWN = 0  # the number that stands for the mailbox's own password


@dataclass(frozen=True)
class Reading:
    """Up to when what has happened is in the figures; None when nobody has written any yet."""

    at: datetime | None

    @property
    def is_old(self) -> bool:
        """Whether something must be wrong with who writes them."""
        return self.at is None or timezone.now() - self.at > _FRESH


@dataclass(frozen=True)
class Device:
    """A device that came; `app` is the name of its app password, empty for one that is revoked, None for none."""

    use: DeviceUse
    app: str | None

    @property
    def by_own_password(self) -> bool:
        """Whether it logged in with the mailbox's own password."""
        return self.use.app == _OWN


def as_of() -> Reading:
    """Return how fresh the figures are: those of the node that has the mailboxes."""
    return Reading(UseReading.objects.aggregate(last=Max("at"))["last"])


def shown(boxes: QuerySet[Mailbox]) -> QuerySet[Mailbox]:
    """Return mailboxes with `last_login_at`, `last_protocol`, `last_client`, `quota_used` and `quota_at`."""
    columns = {"last_protocol": "protocol", "last_client": "client", **{name: name for name in FIELDS}}
    return boxes.annotate(**{name: F(f"use__{column}") for name, column in columns.items()})


def summed(domains: QuerySet[Domain]) -> QuerySet[Domain]:
    """Return domains with what their mailboxes hold in sum, in bytes: `quota_used`; removed ones hold theirs, too."""
    boxes = Mailbox.objects.filter(domain=OuterRef("pk"), hidden=False)
    total = boxes.order_by().values("domain").annotate(total=Sum("use__quota_used")).values("total")
    given = Mailbox.objects.filter(domain=OuterRef("pk"), hidden=False, removed_at=None).order_by().values("domain")
    return domains.annotate(
        quota_used=Subquery(total), quota_given_mb=Subquery(given.annotate(total=Sum("quota_mb")).values("total"))
    )


def devices(box: Mailbox) -> list[Device]:
    """Return the devices of a mailbox, the last one first."""
    names: dict[int | None, str] = dict(app_passwords.of(box).values_list("pk", "name"))
    found = DeviceUse.objects.filter(address=box.address)[:SHOWN]
    return [Device(use, names.get(use.app, "") if use.app else None) for use in found]


def of_app_passwords(box: Mailbox) -> dict[int, DeviceUse]:
    """Return where each app password of a mailbox was used last, by its number; one that was not is not there."""
    found = DeviceUse.objects.filter(address=box.address, app__gt=_OWN).order_by("last_at")
    return {use.app: use for use in found if use.app}


def forget(address: str) -> None:
    """Forget all of a mailbox, within the caller's transaction: whoever gets the address next is somebody else."""
    MailboxUse.objects.filter(mailbox__address=address).delete()
    DeviceUse.objects.filter(address=address).delete()

"""Tables that were uploaded on the web and wait for the second button: in the database, for either node, and sealed."""

from __future__ import annotations

import zlib
from datetime import timedelta

from django.utils import timezone

from relevo.directory.bulk.kinds import Kind
from relevo.directory.bulk_models import WaitingImport
from relevo.directory.database import changing
from relevo.directory.models import Administrator
from relevo.directory.sealing import seal, unseal

LASTS = timedelta(hours=2)
_PURPOSE = "waiting import"


@changing
def keep(who: Administrator, kind: Kind, text: str) -> None:
    """Keep a table, in place of an older one of that kind; those that nobody has come back for go."""
    WaitingImport.objects.filter(at__lte=timezone.now() - LASTS).delete()
    drop(who, kind)
    sealed = seal(zlib.compress(text.encode()), _PURPOSE)
    WaitingImport.objects.create(administrator=who, kind=kind.name, sealed=sealed)


def kept(who: Administrator, kind: Kind) -> str | None:
    """Return the table that an administrator has uploaded, if it is still there."""
    found = WaitingImport.objects.filter(administrator=who, kind=kind.name, at__gt=timezone.now() - LASTS).first()
    return zlib.decompress(unseal(found.sealed, _PURPOSE)).decode() if found else None


@changing
def drop(who: Administrator, kind: Kind) -> None:
    """Forget it."""
    WaitingImport.objects.filter(administrator=who, kind=kind.name).delete()

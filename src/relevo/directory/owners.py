"""Mailbox owners on their own pages: who may come in, what a session is good for, and what they change by themselves.

An owner is who knows the mailbox's own password; app passwords (app_passwords.py) open no page. What may be changed,
and how, is what the administration's functions say: these here only find out whose it is.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from relevo.directory import attempts, audit, mailboxes, owner_factors, passwords
from relevo.directory.addresses import any_address
from relevo.directory.database import changing, explained
from relevo.directory.models import ADDRESS_LENGTH, AuditEntry, Domain, Mailbox
from relevo.directory.owner_models import OwnerChoice
from relevo.errors import DirectoryError
from relevo.i18n import _

_KIND = "owner"  # failures here count apart from administrators': nobody locks those out
MOST_FROM_CLIENT = 100  # failures from one client: a whole office is behind one address
LANGUAGES = ("es", "en")
MOST_TARGETS = 20  # of a forwarding: nobody's mailbox becomes a distribution list
_SALT, _LOGIN = "relevo.owners", "mailbox.login"


def log_in(address: str, password: str, client: str) -> Mailbox:
    """Return the mailbox with that address and password; `client` is the IP address that asks.

    Nobody is logged in by that alone when there is a second factor: `log_in_with` follows.

    Raises:
        DirectoryError: they don't fit, or too many attempts have failed from there; it does not tell which part is
            wrong, and takes as long for an address that is nobody's.
    """
    wanted, place = _written_out(address), attempts.place_of(_KIND, client)
    with explained():
        _require_patience(wanted, place, client)
        found = people().filter(address=wanted).first()
        right = passwords.matches(found.password if found else passwords.nobodys(), password)
        if found and right:
            if not owner_factors.app_of(found):
                _succeeded(found, place)
            return found
        attempts.note(wanted, place)
    raise DirectoryError(_("address or password is wrong, or this mailbox is switched off"))


def log_in_with(box: Mailbox, code: str, client: str) -> None:
    """Complete the login of an owner whose password was right, with a code of the app or a recovery code.

    Raises:
        DirectoryError: it is not right, or too many attempts have failed from there.
    """
    place = attempts.place_of(_KIND, client)
    with explained(), audit.acting(box.address, audit.source.get()):
        _require_patience(box.address, place, client)
        if owner_factors.accepts(box, code):
            _succeeded(box, place)
            return
        attempts.note(box.address, place)
        _refused(box)
    raise DirectoryError(_("that is not right, or it was used already: take the next code, or another way"))


def confirm_password(box: Mailbox, password: str, client: str) -> None:
    """Raise DirectoryError unless this is the password of who is logged in; guesses are slowed down here, too."""
    place = attempts.place_of(_KIND, client)
    with explained():
        _require_patience(box.address, place, client)
        if passwords.matches(box.password, password):
            return
        attempts.note(box.address, place)
    raise DirectoryError(_("this is not your password"))


def people() -> QuerySet[Mailbox]:
    """Return the mailboxes whose owners may log in."""
    boxes = Mailbox.objects.filter(enabled=True, removed_at=None, hidden=False, domain__enabled=True)
    return boxes.select_related("domain", "owner_app", "choice")


def good_for(box: Mailbox) -> str:
    """Return what a session of an owner is good for: another password, whoever set it, or second factor ends it."""
    app = owner_factors.app_of(box)
    return salted_hmac(_SALT, f"{box.password} {app.pk if app else ''}", algorithm="sha256").hexdigest()


def owner(number: int, good: str) -> Mailbox | None:
    """Return the mailbox of a session that was begun with `good_for`, if that still holds."""
    found = people().filter(pk=number).first()
    return found if found and constant_time_compare(good_for(found), good) else None


def wanting_digests() -> QuerySet[Mailbox]:
    """Return the mailboxes whose owners get the daily list of what was refused."""
    return people().exclude(choice__digest=False)


def wants_digest(box: Mailbox) -> bool:
    """Tell whether an owner gets the daily list: all do who have not said otherwise."""
    choice = getattr(box, "choice", None)
    return bool(choice is None or choice.digest)


def language_of(box: Mailbox) -> str:
    """Return in which language Relevo writes to an owner: theirs, else the platform's."""
    choice = getattr(box, "choice", None)
    return str(choice.language if choice and choice.language else settings.LANGUAGE_CODE)


@changing
def choose(box: Mailbox, *, digest: bool | None = None, language: str | None = None) -> None:
    """Note what an owner says of the mail that Relevo itself sends.

    Args:
        box: whose.
        digest: get the daily list of what was refused.
        language: out of LANGUAGES; empty for the platform's.
    """
    if language not in {None, "", *LANGUAGES}:
        raise DirectoryError(_("{language!r} is no language of ours").format(language=language))
    given = {"digest": digest, "language": language}
    changes = {name: value for name, value in given.items() if value is not None}
    OwnerChoice.objects.update_or_create(mailbox=box, defaults=changes)
    audit.record("mailbox.choice", box.address, **changes)


@changing
def set_forwarding(box: Mailbox, to: Iterable[str], *, keep_copy: bool) -> Mailbox:
    """Set where the mail of an owner's mailbox goes on to, as far as its domain lets owners do so.

    Raises:
        DirectoryError: an address that can't be a target, a circle, or one outside where that is not allowed.
    """
    wanted = [str(any_address(text)) for text in to]
    if len(wanted) > MOST_TARGETS:
        raise DirectoryError(_("at most {most} addresses: ask for a distribution list").format(most=MOST_TARGETS))
    if not box.domain.owners_forward_outside:
        _require_inside(box, wanted)
    return mailboxes.change(box.address, forward=wanted, keep_copy=keep_copy or not wanted)


def _require_inside(box: Mailbox, wanted: list[str]) -> None:
    """Raise DirectoryError for an address of others, unless an administrator has set it before."""
    new = set(wanted) - set(box.forwards.values_list("target", flat=True))
    names = {address.rpartition("@")[2]: address for address in new}
    ours = set(Domain.objects.filter(name__in=names).values_list("name", flat=True))
    if outside := sorted(address for name, address in names.items() if name not in ours):
        raise DirectoryError(
            _("mail of {domain} may go on to addresses of ours only, and {address} is none: ask an administrator")
            .format(address=outside[0], domain=box.domain)
        )


def _require_patience(address: str, place: str, client: str) -> None:
    """Hold up who guesses; others' failures in the same office hold nobody up who has logged in from there before."""
    known = AuditEntry.objects.filter(subject=address, action=_LOGIN, source=client).exists()
    attempts.require_patience(address, place, None if known else MOST_FROM_CLIENT)


def _written_out(address: str) -> str:
    """Return an address as it is stored; a name without a domain means the first one, as in the webmail."""
    text = address.strip().lower()[:ADDRESS_LENGTH]
    try:
        return str(any_address(text if "@" in text else f"{text}@{settings.RELEVO_DOMAIN}"))
    except DirectoryError:
        return text


@changing
def _refused(box: Mailbox) -> None:
    """Note it, unlike a wrong password: whoever this was knows the right one."""
    audit.record("mailbox.factor.refused", box.address)


@changing
def _succeeded(box: Mailbox, place: str) -> None:
    attempts.forget(box.address, place)
    with audit.acting(box.address, audit.source.get()):
        audit.record(_LOGIN, box.address)

"""What a new platform gets: tables, first domain and its DKIM key, mailboxes of probes and quarantine, a postmaster.

Each thing has a function that looks (`..._wanting`: a sentence, or None when all is well) and one that does it; both
bear being run on both nodes and after an interruption.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, Error, connection
from django.db.migrations.executor import MigrationExecutor

from relevo.directory import domains, mailboxes, mirror, passwords, system
from relevo.directory.addresses import any_address
from relevo.directory.database import changing, explained
from relevo.directory.dkim import keys
from relevo.directory.models import AuditEntry, Domain, Mailbox
from relevo.directory.registry import existing
from relevo.errors import DirectoryError
from relevo.i18n import _, gettext_noop

_WITH_TABLES = ("contenttypes", "directory", "sessions")  # of the applications that may be installed
PROBE_QUOTA_MB = 16
_NAMES = 5  # of domains, in one sentence


def _looking(function: Callable[[], str | None], otherwise: str) -> Callable[[], str | None]:
    """Answer `otherwise` while the database or its tables aren't there yet."""

    @wraps(function)
    def look() -> str | None:
        try:
            return function()
        except Error:
            return _(otherwise)
        finally:
            connection.close()

    return look


def _tables() -> str | None:
    executor = MigrationExecutor(connection)
    wanted = [node for label in _WITH_TABLES for node in executor.loader.graph.leaf_nodes(label)]
    names = [migration.name for migration, _backwards in executor.migration_plan(wanted)]
    return _("migrate: {names}").format(names=", ".join(names)) if names else None


tables_wanting = _looking(_tables, gettext_noop("migrate"))


def migrate() -> None:
    """Bring the tables and views to what this version needs."""
    with explained():
        for label in _WITH_TABLES:
            call_command("migrate", label, database=DEFAULT_DB_ALIAS, interactive=False, verbosity=0)
    connection.close()


def _first_domain() -> str | None:
    have = Domain.objects.filter(name=settings.RELEVO_DOMAIN).exists()
    return None if have else _("add {domain}").format(domain=settings.RELEVO_DOMAIN)


first_domain_wanting = _looking(_first_domain, gettext_noop("add the first domain"))


@changing
def add_first_domain() -> None:
    """Add the platform's first domain."""
    if _first_domain():
        domains.add(settings.RELEVO_DOMAIN)


class FirstKey:
    """The DKIM key of the first domain, which is among the secrets: taken over once, then the database has the say."""

    def __init__(self, private_pem: str) -> None:
        """Take the key, PEM."""
        self._private_pem = private_pem
        self.wanting = _looking(self._wanting, gettext_noop("take over the first domain's DKIM key"))

    @changing
    def adopt(self) -> None:
        """Let it sign, as it has before."""
        if self._wanting():
            keys.adopt(settings.RELEVO_DOMAIN, self._private_pem, settings.RELEVO_DKIM_SELECTOR)

    def _wanting(self) -> str | None:
        had = AuditEntry.objects.filter(action="dkim.adopt", subject=settings.RELEVO_DOMAIN).exists()
        text = _("take over the key {selector} of {domain}")
        named = text.format(selector=settings.RELEVO_DKIM_SELECTOR, domain=settings.RELEVO_DOMAIN)
        return None if had else named


class OwnMailbox:
    """A hidden mailbox of the platform's own: one that a node's agent logs in to, or the quarantine."""

    def __init__(self, address: str, password: str, quota_mb: int = PROBE_QUOTA_MB) -> None:
        """Take the address, which is in a domain of ours, the password, and how much it may hold."""
        self._address, self._password, self._quota_mb = address, password, quota_mb
        self.wanting = _looking(self._wanting, _("add {address}").format(address=address))

    @changing
    def ensure(self) -> None:
        """Make or mend it.

        Raises:
            DirectoryError: the address is that of somebody's mailbox, which is not taken over.
        """
        box = Mailbox.objects.filter(address=self._address).first()
        if box and _is_somebodys(box):
            raise DirectoryError(
                _(
                    "{address} is somebody's mailbox, and the platform needs this address for itself: have its mail "
                    "elsewhere, then `relevo mailbox remove {address}` and `relevo mailbox purge {address}`, and apply "
                    "again"
                ).format(address=box)
            )
        hashed = passwords.hash_secret(self._password)  # the agent logs in every few seconds
        if box:
            box.password, box.enabled, box.hidden, box.removed_at = hashed, True, True, None
            box.quota_mb = self._quota_mb
            box.save()
            mirror.refresh(box.address, box.domain)
        else:
            mailboxes.create(any_address(self._address), hashed, quota_mb=self._quota_mb, hidden=True)

    def _wanting(self) -> str | None:
        box = Mailbox.objects.filter(address=self._address).first()
        if not box:
            return _("add {address}").format(address=self._address)
        known = passwords.is_quick(box.password) and passwords.matches(box.password, self._password)
        well = known and box.enabled and box.hidden and not box.removed_at and box.quota_mb == self._quota_mb
        return None if well else _("mend {address}").format(address=self._address)


def _is_somebodys(box: Mailbox) -> bool:
    """Tell whether a person has or had it: the platform's own are hidden, with a password that programs alone have."""
    return not box.hidden and not passwords.is_quick(box.password)


def _postmaster() -> str | None:
    address = any_address(settings.RELEVO_POSTMASTER)
    ours = Domain.objects.filter(name=address.domain, alias_of=None).exists()
    if ours and not existing({str(address)}):
        return _("add the mailbox {address}").format(address=address)
    wanting = [domain.name for domain in system.missing()]
    if len(wanting) > _NAMES:
        wanting = [*wanting[:_NAMES], _("{count} more").format(count=len(wanting) - _NAMES)]
    return _("postmaster and abuse of {wanting}").format(wanting=", ".join(wanting)) if wanting else None


postmaster_wanting = _looking(_postmaster, gettext_noop("add postmaster and abuse"))


@changing
def ensure_postmaster() -> None:
    """Have mail to postmaster and abuse of every domain arrive.

    The platform's postmaster gets a mailbox when nothing stands at the address and it is ours. Nobody can log in to it
    until somebody gives it a password.
    """
    address = any_address(settings.RELEVO_POSTMASTER)
    ours = Domain.objects.filter(name=address.domain, alias_of=None).exists()
    if ours and not existing({str(address)}):
        mailboxes.create(address, passwords.unusable(), name="Postmaster")
    for domain in system.missing():
        system.ensure(domain)

"""The tables. Rules are in the functions around them, not here; Postfix and Dovecot read views of these tables.

Every address is stored in lower case and ASCII, and compared byte by byte.
"""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from relevo.directory import (  # noqa: F401 - the tables
    api_models,
    bulk_models,
    digest_models,
    dkim_models,
    guard_models,
    login_models,
    owner_models,
    passwords,
    quarantine_models,
    use_models,
)

ADDRESS_LENGTH = 254  # RFC 5321, 4.5.3.1.3: a path has 256 octets with its angle brackets
WAY_LENGTH = 274  # an address with a tag of ours


class PostPolicy(models.TextChoices):
    """Who may post to a distribution list."""

    ANYONE = "anyone"
    DOMAIN = "domain"
    MEMBERS = "members"
    NAMED = "named"


class Moderation(models.TextChoices):
    """Whose posts wait until one of a list's owners lets them through."""

    OFF = "off"  # nobody's: who may not post is refused
    OTHERS = "others"  # of those who may not post
    ALL = "all"  # of everybody but the owners


class Domain(models.Model):
    """A mail domain. With `alias_of`, each of its addresses is one of the other domain; it then has none of its own."""

    name = models.CharField(max_length=253, unique=True)
    at_name = models.CharField(max_length=254, unique=True)  # '@' + name: the lookup of a catch-all has an index
    enabled = models.BooleanField(default=True)
    alias_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="alias_domains")
    catch_all = models.CharField(max_length=ADDRESS_LENGTH, blank=True, default="")
    mailbox_limit = models.PositiveIntegerField(default=0)  # 0: none
    alias_limit = models.PositiveIntegerField(default=0, db_default=0)  # the same
    list_limit = models.PositiveIntegerField(default=0, db_default=0)  # the same
    quota_limit_mb = models.PositiveIntegerField(default=0, db_default=0)  # of all its mailboxes' quotas; 0: none
    default_quota_mb = models.PositiveIntegerField(null=True, blank=True)  # None: the platform's
    owners_forward_outside = models.BooleanField(db_default=True)  # to domains that are not ours, by themselves
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:  # noqa: D106 - Django's name
        ordering = ("name",)
        verbose_name, verbose_name_plural = _("domain"), _("domains")

    def __str__(self) -> str:
        return self.name


class Mailbox(models.Model):
    """A mailbox and the right to log in to it; `quota_mb` is MiB, 0 for none. A removed one keeps its mail."""

    domain = models.ForeignKey(Domain, models.PROTECT, related_name="mailboxes")
    local_part = models.CharField(max_length=64)
    address = models.CharField(max_length=ADDRESS_LENGTH, unique=True)
    password = models.CharField(max_length=255)
    name = models.CharField(max_length=200, blank=True, default="")
    quota_mb = models.PositiveIntegerField(default=0)
    enabled = models.BooleanField(default=True)
    keep_copy = models.BooleanField(default=True)  # of what is forwarded
    hidden = models.BooleanField(default=False)  # the platform's own, for its health probes
    removed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:  # noqa: D106 - Django's name
        ordering = ("address",)
        verbose_name, verbose_name_plural = _("mailbox"), _("mailboxes")
        indexes = (  # all that `use.summed` reads of a mailbox
            models.Index(fields=("domain", "hidden", "removed_at", "quota_mb", "address"), name="mailbox_room"),
        )

    def __str__(self) -> str:
        return self.address


class Forward(models.Model):
    """Where the mail of a mailbox goes on to."""

    mailbox = models.ForeignKey(Mailbox, models.CASCADE, related_name="forwards")
    target = models.CharField(max_length=ADDRESS_LENGTH, db_index=True)

    class Meta:  # noqa: D106 - Django's name
        constraints = (models.UniqueConstraint(fields=("mailbox", "target"), name="forward_once"),)

    def __str__(self) -> str:
        return self.target


class Alias(models.Model):
    """An address whose mail goes to others. `automatic`: postmaster or abuse, Relevo's own until somebody sets it."""

    domain = models.ForeignKey(Domain, models.PROTECT, related_name="aliases")
    address = models.CharField(max_length=ADDRESS_LENGTH, unique=True)
    enabled = models.BooleanField(default=True)
    automatic = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:  # noqa: D106 - Django's name
        ordering = ("address",)
        verbose_name, verbose_name_plural = _("alias"), _("aliases")

    def __str__(self) -> str:
        return self.address


class AliasTarget(models.Model):
    """One address that an alias stands for."""

    alias = models.ForeignKey(Alias, models.CASCADE, related_name="targets")
    target = models.CharField(max_length=ADDRESS_LENGTH, db_index=True)

    class Meta:  # noqa: D106 - Django's name
        constraints = (models.UniqueConstraint(fields=("alias", "target"), name="alias_target_once"),)

    def __str__(self) -> str:
        return self.target


class DistributionList(models.Model):
    """An address whose mail goes to all members, if the sender may post."""

    domain = models.ForeignKey(Domain, models.PROTECT, related_name="lists")
    address = models.CharField(max_length=ADDRESS_LENGTH, unique=True)
    name = models.CharField(max_length=200, blank=True, default="")
    enabled = models.BooleanField(default=True)
    policy = models.CharField(max_length=10, choices=PostPolicy.choices, default=PostPolicy.DOMAIN)
    moderation = models.CharField(
        max_length=6, choices=Moderation.choices, default=Moderation.OFF, db_default=Moderation.OFF
    )
    # Of a list that holds posts: where its address leads, and where mail goes on to its members. Else empty.
    held_at = models.CharField(max_length=WAY_LENGTH, blank=True, default="", db_default="")
    members_at = models.CharField(max_length=WAY_LENGTH, blank=True, default="", db_default="", db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:  # noqa: D106 - Django's name
        ordering = ("address",)
        verbose_name, verbose_name_plural = _("distribution list"), _("distribution lists")

    def __str__(self) -> str:
        return self.address


class ListMember(models.Model):
    """One address that gets what is posted."""

    list = models.ForeignKey(DistributionList, models.CASCADE, related_name="members")
    address = models.CharField(max_length=ADDRESS_LENGTH, db_index=True)

    class Meta:  # noqa: D106 - Django's name
        constraints = (models.UniqueConstraint(fields=("list", "address"), name="list_member_once"),)

    def __str__(self) -> str:
        return self.address


class ListSender(models.Model):
    """One address that may post to a list with the policy `named`."""

    list = models.ForeignKey(DistributionList, models.CASCADE, related_name="senders")
    address = models.CharField(max_length=ADDRESS_LENGTH)

    class Meta:  # noqa: D106 - Django's name
        constraints = (models.UniqueConstraint(fields=("list", "address"), name="list_sender_once"),)

    def __str__(self) -> str:
        return self.address


class MirroredAddress(models.Model):
    """An address of an alias domain that exists because the same one exists in the real domain; see mirror.py."""

    domain = models.ForeignKey(Domain, models.CASCADE, related_name="mirrored")
    address = models.CharField(max_length=ADDRESS_LENGTH, unique=True)
    target = models.CharField(max_length=ADDRESS_LENGTH, db_index=True)

    def __str__(self) -> str:
        return f"{self.address} → {self.target}"


class AuditEntry(models.Model):
    """Who changed what, and when; only ever added to."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.CharField(max_length=200)
    action = models.CharField(max_length=50)  # e.g. 'mailbox.add'
    subject = models.CharField(max_length=ADDRESS_LENGTH, db_index=True)
    domain = models.CharField(max_length=253, db_index=True, db_default="")  # of the subject
    source = models.CharField(max_length=45, db_default="")  # the client's address, empty for a command
    detail = models.JSONField(default=dict)

    class Meta:  # noqa: D106 - Django's name
        ordering = ("-id",)
        verbose_name, verbose_name_plural = _("audit entry"), _("audit log")

    def __str__(self) -> str:
        return self.subject or self.action


class Role(models.TextChoices):
    """What an administrator may see and change."""

    GLOBAL = "global"
    DOMAIN = "domain"


class Administrator(AbstractBaseUser):
    """Who may log in to the administration; with the role `domain` only `domains` are seen and changed there.

    The account has nothing to do with a mailbox at the same address: its password is its own.
    """

    address = models.CharField(max_length=ADDRESS_LENGTH, unique=True)
    password = models.CharField(max_length=255)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.DOMAIN)
    domains = models.ManyToManyField(Domain, related_name="administrators", blank=True)
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    factors_changed_at = models.DateTimeField(null=True, blank=True)  # other sessions end then

    USERNAME_FIELD = "address"

    class Meta:  # noqa: D106 - Django's name
        ordering = ("address",)
        verbose_name, verbose_name_plural = _("administrator"), _("administrators")

    def __str__(self) -> str:
        return self.address

    @property
    def is_global(self) -> bool:
        """Whether it sees and changes everything."""
        return self.role == Role.GLOBAL

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Django's name for `enabled`: who is switched off has no session any more."""
        return self.enabled

    @property
    def is_staff(self) -> bool:
        """Django's name for who may enter the administration."""
        return self.enabled

    def check_password(self, raw_password: str | None) -> bool:
        """Tell whether this is the password; hashes are those of mailboxes."""
        return passwords.matches(self.password, raw_password or "")

    def get_session_auth_hash(self) -> str:
        """Return what a session is good for: another password, or other second factors, end it."""
        since = self.factors_changed_at
        return super().get_session_auth_hash() + (since.isoformat() if since else "")

    def has_module_perms(self, app_label: str) -> bool:  # noqa: ARG002 - what may be done is asked of each page
        """Tell Django that every enabled administrator sees the list of pages."""
        return self.enabled


from relevo.directory import moderation_models, shared_models  # noqa: E402, F401 - tables that need the ones above

"""What a login is decided by beside the password: attempts that failed, and second factors.

Of the factors' secrets those that must be read again are sealed (sealing.py), the others are hashed.
"""

from __future__ import annotations

from django.db import models

from relevo.directory.addresses import ADDRESS_LENGTH


class FailedLogin(models.Model):
    """An attempt that failed, kept for some minutes: see login.py."""

    address = models.CharField(max_length=ADDRESS_LENGTH)
    client = models.CharField(max_length=45)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:  # noqa: D106 - Django's name
        indexes = (models.Index(fields=("client", "address"), name="failed_login"),)

    def __str__(self) -> str:
        return f"{self.address} from {self.client}"


class AuthenticatorApp(models.Model):
    """The app on an administrator's phone that shows six digits, others every half minute (RFC 6238)."""

    administrator = models.OneToOneField("directory.Administrator", models.CASCADE, related_name="app")
    sealed_key = models.CharField(max_length=255)
    last_step = models.PositiveBigIntegerField(default=0)  # of the last code that was accepted: none comes twice
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"app of {self.administrator}"


class SecurityKey(models.Model):
    """A security key or passkey of an administrator (WebAuthn); what is kept of it is public."""

    administrator = models.ForeignKey("directory.Administrator", models.CASCADE, related_name="security_keys")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)  # of the credential's id, which is too long for an index
    credential = models.TextField()  # its id, base64url
    public_key = models.TextField()  # COSE, base64url
    sign_count = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:  # noqa: D106 - Django's name
        ordering = ("created_at", "pk")

    def __str__(self) -> str:
        return self.name


class RecoveryCode(models.Model):
    """A code on paper for who has lost app and keys; its row goes when it is used."""

    administrator = models.ForeignKey("directory.Administrator", models.CASCADE, related_name="recovery_codes")
    hashed = models.CharField(max_length=255)

    def __str__(self) -> str:
        return f"recovery code of {self.administrator}"

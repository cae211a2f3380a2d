"""The tables around posts that wait for a list's owner; the posts themselves are mails in a mailbox."""

from __future__ import annotations

from django.db import models

POST_LENGTH = 64  # of a post's id


class ListOwner(models.Model):
    """Who looks after a list: lets posts through that wait, or refuses them."""

    list = models.ForeignKey("directory.DistributionList", models.CASCADE, related_name="owners")
    mailbox = models.ForeignKey("directory.Mailbox", models.CASCADE, related_name="owned_lists")

    class Meta:  # noqa: D106 - Django's name
        constraints = (models.UniqueConstraint(fields=("list", "mailbox"), name="list_owner_once"),)

    def __str__(self) -> str:
        return f"{self.mailbox} of {self.list}"


class PostMark(models.Model):
    """What was decided about a post; unique, so that it is let through once.

    One that was begun and not done was interrupted: the post may have gone to the members or not.
    """

    post = models.CharField(max_length=POST_LENGTH, unique=True)
    what = models.CharField(max_length=8)  # approved, refused, deleted
    begun_at = models.DateTimeField(auto_now_add=True, db_index=True)
    done_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.what} {self.post}"


class PostNotice(models.Model):
    """What an owner was last told of a list's posts: all up to this number (IMAP's, of the mailbox with `validity`)."""

    list = models.ForeignKey("directory.DistributionList", models.CASCADE, related_name="notices")
    mailbox = models.ForeignKey("directory.Mailbox", models.CASCADE, related_name="post_notices")
    validity = models.PositiveBigIntegerField()
    until_uid = models.PositiveBigIntegerField()
    at = models.DateTimeField()

    class Meta:  # noqa: D106 - Django's name
        constraints = (models.UniqueConstraint(fields=("list", "mailbox"), name="post_notice_once"),)

    def __str__(self) -> str:
        return f"{self.list} for {self.mailbox}"


class PostLink(models.Model):
    """A link by which one owner decides about one post, once; of its secret part only a hash is kept."""

    mailbox = models.ForeignKey("directory.Mailbox", models.CASCADE, related_name="post_links")
    post = models.CharField(max_length=POST_LENGTH)
    hashed = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.post} for {self.mailbox}"

"""What the sender of a post is told when it is refused. Pure."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime

from relevo.directory.held.posts import Post
from relevo.i18n import _, speaking


def refusal(hostname: str, domain: str, language: str, one: Post, reason: str) -> bytes:
    """Return the mail; of the post only its subject is in it.

    Args:
        hostname: the platform's.
        domain: its first domain.
        language: `en` or `es`.
        one: the post that was refused.
        reason: what its owner says of it, one line; may be empty.
    """
    with speaking(language):
        subject = one.subject or _("(no subject)")
        made = EmailMessage(policy=SMTP)
        made["From"] = f"postmaster@{domain}"
        made["To"] = one.sender
        made["Subject"] = _("Not sent to {list}: {subject}").format(list=one.list, subject=subject)
        made["Date"] = localtime()
        made["Message-ID"] = f"<refused-{one.id}@{hostname}>"
        made["Auto-Submitted"] = "auto-replied"  # RFC 3834: nobody's absence note answers it
        said = [
            _("Those who look after the list {list} have not let your message “{subject}” through. Nobody has "
              "received it.").format(list=one.list, subject=subject),
            _("They say: {reason}").format(reason=reason) if reason else "",
        ]
        made.set_content("\n\n".join(filter(None, said)) + "\n", cte="quoted-printable")
        made["Content-Language"] = language
    return made.as_bytes()

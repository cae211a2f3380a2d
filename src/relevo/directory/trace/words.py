"""What happened to a message, in sentences; the server's own lines stand beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from relevo.cluster.wires import VMAIL_UID
from relevo.directory.queue import reasons
from relevo.directory.queue.reasons import NONE, Explanation
from relevo.directory.trace import refusals
from relevo.directory.trace.traces import Recipient, Step
from relevo.i18n import _, ngettext

Told = Mapping[str, str]
_SECOND = 1000  # milliseconds


def sentence(step: Step) -> str:
    """Return what happened."""
    write = _SENTENCES.get(step.kind)
    said = write(step.told) if write else step.kind
    return _("Notice to the sender: {text}").format(text=said) if step.is_notice else said


def explained(step: Step) -> Explanation:
    """Return why a message was refused, put off or returned, and what to do."""
    if step.kind == "rejected":
        return refusals.explain(step.told.get("answer", ""))
    return reasons.explain(step.told.get("answer", "")) if step.kind in {"deferred", "bounced"} else NONE


def reason(recipient: Recipient) -> Explanation:
    """Return why a recipient has not got it."""
    if recipient.result == "rejected":
        return refusals.explain(recipient.reason)
    return reasons.explain(recipient.reason) if recipient.result in {"deferred", "bounced", "expired"} else NONE


def result_name(result: str) -> str:
    """Return what a result is called."""
    return {
        "delivered": _("delivered"), "deferred": _("deferred"), "bounced": _("bounced"), "rejected": _("rejected"),
        "virus": _("virus"), "spam": _("spam"), "expired": _("expired"), "queued": _("in the queue"),
        "deleted": _("deleted"), "": _("unknown"),
    }.get(result, result)


# --- at the door -----------------------------------------------------------------------------------------------------
def _accepted(told: Told) -> str:
    return _("Accepted from {client} ({how})").format(client=_client(told), how=_how(told))


def _rejected(told: Told) -> str:
    text = _("Put off at the door: {client} ({how})") if told.get("answer", "").startswith("4") else _(
        "Refused at the door: {client} ({how})"
    )
    said = text.format(client=_client(told), how=_how(told))
    recipient = told.get("recipient", "")
    return _("{text}, for {recipient}").format(text=said, recipient=recipient) if recipient else said


def _client(told: Told) -> str:
    name, address = told.get("name", ""), told.get("client", "")
    return f"{name} [{address}]" if name and name != "unknown" else address or _("an unknown address")


def _how(told: Told) -> str:
    version = told.get("version", "")
    parts = [version.replace("TLSv", "TLS ") if version else _("without TLS")] if told.get("service") else []
    if user := told.get("user", ""):
        parts.append(_("logged in as {user}").format(user=user))
    return ", ".join(parts) or _("no more is known")


def _handed(told: Told) -> str:
    if told.get("uid") == str(VMAIL_UID):
        return _("Handed in by Dovecot on this node, for a forwarding or an automatic answer")
    return _("Handed in by a program on this node (user id {uid})").format(uid=told.get("uid", "?"))


# --- filter and queue ------------------------------------------------------------------------------------------------
def _filtered(told: Told) -> str:
    seconds = f"{int(told.get('ms') or 0) / _SECOND:.2f}"
    said = _("Filtered in {seconds} s: {verdict}").format(seconds=seconds, verdict=_verdict(told))
    if score := told.get("score", ""):
        said += _(", score {score}").format(score=score)
    return said + (_("; signed (DKIM)") if told.get("signed") else "")


def _verdict(told: Told) -> str:
    names = told.get("names", "")
    verdict = {
        "CLEAN": _("clean"), "SPAM": _("spam, refused"), "SPAMMY": _("spam, marked"), "INFECTED": _("virus {names}"),
        "BANNED": _("refused attachment {names}"), "BAD-HEADER": _("clean, with faulty headers"),
        "UNCHECKED": _("could not be looked into"),
    }.get(told.get("verdict", "").rstrip("-0123456789"), told.get("verdict", ""))
    return verdict.format(names=names).strip()


def _taken(told: Told) -> str:
    count = int(told.get("count") or 0)
    text = _("Put into the queue as {id}, {size} bytes").format(id=told.get("id", ""), size=told.get("size", "?"))
    crowd = ngettext(", for {count} recipient", ", for {count} recipients", count).format(count=count)
    return text + crowd if count else text


def _notice(told: Told) -> str:
    what = told.get("what", "")
    if told.get("whose") == "postmaster":
        return _("The postmaster was told")
    if what == "delay":
        return _("The sender was told that it is late")
    if what == "non-delivery":
        return _("The sender was told that it could not be delivered")
    return _("The sender was told ({what})").format(what=what)


# --- delivery --------------------------------------------------------------------------------------------------------
def _delivered(told: Told) -> str:
    text = _("Given to Dovecot for {recipient}, after {delay} s") if told.get("answer", "").endswith(" Saved") else _(
        "Delivered to {recipient}: {relay} has taken it, after {delay} s"
    )
    return text.format(recipient=_recipient(told), relay=told.get("relay", ""), delay=told.get("delay", "?"))


def _recipient(told: Told) -> str:
    original = told.get("original", "")
    if not original:
        return told.get("recipient", "")
    return _("{recipient} (by {original})").format(recipient=told.get("recipient", ""), original=original)


def _stored(told: Told) -> str:
    if told.get("folder", "").upper() == "INBOX":
        return _("Delivered into the mailbox {user}").format(user=told.get("user", ""))
    return _("Delivered into the mailbox {user}, folder {folder}, by its Sieve rules").format(
        user=told.get("user", ""), folder=told.get("folder", "")
    )


def _by_user(text: str, told: Told) -> str:
    return text.format(user=told.get("user", ""), recipient=told.get("recipient", ""))


def _for_recipient(text: Callable[[], str]) -> Callable[[Told], str]:
    return lambda told: text().format(recipient=_recipient(told))


_SENTENCES: Mapping[str, Callable[[Told], str]] = {
    "accepted": _accepted, "rejected": _rejected, "handed": _handed, "filtered": _filtered, "taken": _taken,
    "adopted": lambda told: _("Taken over with the other node's queue, as {id}").format(id=told.get("id", "")),
    "passed": _for_recipient(lambda: _("Passed on inside the platform, for {recipient}")),
    "delivered": _delivered,
    "deferred": _for_recipient(lambda: _("Put off for {recipient}; it is tried again")),
    "bounced": _for_recipient(lambda: _("Refused for {recipient}; the sender gets it back")),
    "stored": _stored,
    "forwarded": lambda told: _by_user(_("Forwarded by {user} to {recipient}"), told),
    "answered": lambda told: _by_user(_("{user} has sent an automatic answer to {recipient}"), told),
    "returned": lambda told: _by_user(_("Refused by a Sieve rule of {user}; {recipient} is told"), told),
    "discarded": lambda told: _by_user(_("Thrown away by a Sieve rule of {user}"), told),
    "expired": lambda _told: _("Given up: it could not be delivered in all that time, and the sender gets it back"),
    "notice": _notice,
    "held": lambda _told: _("Put on hold by an administrator"),
    "released": lambda _told: _("Released by an administrator"),
    "deleted": lambda _told: _("Deleted from the queue by an administrator"),
}


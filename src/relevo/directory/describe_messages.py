"""Messages as plain values, for CLI and API: what waits, what was refused or is held, and the way that one took."""

from __future__ import annotations

from relevo.directory.describe import Description, moment
from relevo.directory.held.posts import Post
from relevo.directory.quarantine.copies import Copy
from relevo.directory.quarantine.reading import Reading
from relevo.directory.queue.messages import Message, Recipient
from relevo.directory.queue.reasons import Explanation, explain
from relevo.directory.trace import words as trace_words
from relevo.directory.trace.traces import Step, Trace


def queued(entry: Message) -> Description:
    """Describe a message that waits in a queue; what we have no words for has no `kind`, `what` and `advice`."""
    return {
        "id": entry.id,
        "node": entry.node,
        "adopted_by": entry.adopted_by,
        "state": entry.state,
        "arrived": moment(entry.arrived),
        "size": entry.size,
        "sender": entry.sender,
        "recipients": [_recipient(one) for one in entry.recipients],
        "more_recipients": entry.more,
        "other_recipients": entry.elsewhere,
    }


def quarantined(entry: Copy) -> Description:
    """Describe a copy in the quarantine; `state` of a recipient is empty for who has not got it."""
    return {
        "id": entry.id,
        "at": moment(entry.at),
        "kind": entry.kind,
        "score": entry.score,
        "reason": entry.said,
        "sender": entry.sender,
        "header_from": entry.author,
        "subject": entry.subject,
        "size": entry.size,
        "recipients": [{"address": one.address, "state": one.state} for one in entry.recipients],
        "other_recipients": entry.elsewhere,
    }


def reading(entry: Copy, content: Reading) -> Description:
    """Describe a copy with what is in it."""
    return {**quarantined(entry), **_content(content)}


def _content(content: Reading) -> Description:
    return {
        "headers": [{"name": name, "value": value} for name, value in content.headers],
        "text": content.text,
        "attachments": [{"name": one.name, "type": one.kind, "size": one.size} for one in content.attachments],
        "cut": content.cut,
    }


def held_post(entry: Post) -> Description:
    """Describe a post that waits for an owner of its list; `state` is empty unless a decision has begun."""
    return {
        "id": entry.id,
        "list": entry.list,
        "at": moment(entry.at),
        "sender": entry.sender,
        "header_from": entry.author,
        "subject": entry.subject,
        "size": entry.size,
        "state": entry.state,
    }


def whole_post(entry: Post, content: Reading) -> Description:
    """Describe a post with what is in it."""
    return {**held_post(entry), **_content(content)}


def _recipient(entry: Recipient) -> Description:
    said = explain(entry.reason)
    return {
        "address": entry.address, "reason": entry.reason, "kind": said.kind, "what": said.what, "advice": said.advice,
    }


def trace(entry: Trace) -> Description:
    """Describe the way of a message, without its steps; `sender` is None when no line is left that says it."""
    return {
        "id": entry.id,
        "began": entry.began.isoformat(timespec="milliseconds"),
        "last": entry.last.isoformat(timespec="milliseconds"),
        "sender": entry.sender,
        "message_id": entry.message_id,
        "client": entry.client,
        "user": entry.user,
        "size": entry.size,
        "results": list(entry.results),
        "nodes": list(entry.nodes),
        "recipients": [
            {
                "address": one.address, "original": one.original, "result": one.result, "reason": one.reason,
                **_explained(trace_words.reason(one)),
            }
            for one in entry.recipients
        ],
        "other_recipients": entry.elsewhere,
    }


def whole_trace(entry: Trace) -> Description:
    """Describe the way of a message with all that happened to it."""
    return {**trace(entry), "steps": [_step(one) for one in entry.steps]}


def _step(entry: Step) -> Description:
    return {
        "at": entry.at.isoformat(timespec="milliseconds"),
        "node": entry.node,
        "step": entry.kind,
        "text": trace_words.sentence(entry),
        **_explained(trace_words.explained(entry)),
        "count": entry.count,
        "until": entry.until.isoformat(timespec="milliseconds"),
        "of_notice": entry.is_notice,
        "lines": list(entry.lines),
    }


def _explained(said: Explanation) -> dict[str, str]:
    return {"kind": said.kind, "what": said.what, "advice": said.advice}

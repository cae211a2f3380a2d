"""The rules of a Sieve script as Roundcube's plugin managesieve marks them: `# rule:[NAME]` before each.

What is before the first one, and every rule but the one that is changed, stays byte by byte.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from relevo.directory.sieve.words import Word, quoted, words
from relevo.errors import DirectoryError
from relevo.i18n import _

_MARK = re.compile(r"# rule:\[(.*)\]")


@dataclass(frozen=True)
class Rule:
    """One rule: its name, and its text with the mark."""

    name: str
    text: str

    @property
    def has_note(self) -> bool:
        """Whether an absence note is sent in it."""
        return any(word.says("vacation") for word in words(self.text))


def split(script: str) -> tuple[str, list[Rule]]:
    """Return what stands before the rules, and the rules."""
    marks = [(word.start, match[1]) for word in words(script)
             if word.kind == "comment" and (match := _MARK.match(word.source))]
    ends = [start for start, _name in marks[1:]] + [len(script)]
    rules = [Rule(name, script[start:end]) for (start, name), end in zip(marks, ends, strict=False)]
    return script[: marks[0][0]] if marks else script, rules


def note_of(script: str) -> Rule | None:
    """Return the first rule that sends a note.

    Raises:
        DirectoryError: there is a note outside of any rule, made by hand.
    """
    head, rules = split(script)
    if Rule("", head).has_note:
        raise DirectoryError(
            _("your mail filters have an absence note that was made by hand: take it out in the webmail first")
        )
    return next((rule for rule in rules if rule.has_note), None)


def with_note(script: str, text: str, needs: set[str]) -> str:
    """Return a script with another rule in place of the one that sends a note; before all others when there is none."""
    head, rules = split(script)
    if old := note_of(script):
        texts = [text if rule == old else rule.text for rule in rules]
    else:
        texts = [text, *(rule.text for rule in rules)]
    head = _requiring(head, needs)
    return head + ("" if not head or head.endswith("\n") else "\r\n") + "".join(texts)


def _requiring(head: str, needs: set[str]) -> str:
    """Return a head that names what the script needs of the server (RFC 5228, 3.2)."""
    found = words(head)
    at = next((number for number, word in enumerate(found) if word.says("require")), None)
    if at is None:
        return _require(needs) + head
    end = next(number for number in range(at, len(found)) if found[number].says(";"))
    named = {word.value for word in _required(found) if word.kind == "text"}
    if needs <= named:
        return head
    first = {word.value for word in found[at:end] if word.kind == "text"}
    return head[: found[at].start] + _require(first | (needs - named)).rstrip() + head[found[end].end :]


def _required(found: list[Word]) -> list[Word]:
    """Return the words of all require statements."""
    inside, kept = False, []
    for word in found:
        inside = word.says("require") or (inside and not word.says(";"))
        kept += [word] if inside else []
    return kept


def _require(names: set[str]) -> str:
    return f"require [{','.join(quoted(name) for name in sorted(names))}];\r\n"

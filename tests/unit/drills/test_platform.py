"""What is told of an operator's command that failed: its complaint, and not the steps before."""

from __future__ import annotations

from relevo.drills.platform import last_words


def test_the_complaint_is_told_to_its_end() -> None:
    steps = "\n".join(f"mail02       postfix: /etc/postfix/{number} root:root 0644" for number in range(50))
    assert last_words(f"{steps}\nerror: mail02 is not well:\n  postfix: no answer") == (
        "error: mail02 is not well:\n  postfix: no answer"
    )


def test_without_one_its_last_lines_are() -> None:
    assert last_words("one\ntwo\nthree\nfour") == "two\nthree\nfour"
    assert last_words("") == ""

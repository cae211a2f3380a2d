"""Answers that are given again: a program that got none sends the same request once more, and nothing is made twice.

The key is the program's (its Idempotency-Key). The row is made before the work and in its transaction: of two requests
at once, on whichever nodes, the second one waits, or is run again after its conflict, and then finds the answer of the
first. What was refused made nothing, so it is not kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.crypto import salted_hmac

from relevo.directory.api_models import ApiToken, KeptAnswer
from relevo.directory.database import changing

KEPT = timedelta(hours=24)


class Answer(NamedTuple):
    """What is told to a program."""

    status: int
    headers: dict[str, str]
    body: str
    is_again: bool = False  # it was given before


@changing
def once(token: ApiToken, key: str, request: bytes, make: Callable[[], Answer]) -> Answer | None:
    """Return the answer that `make` gives, or the one that it gave to the same request with that key within a day.

    Args:
        token: who asks; a key means something for one token only.
        key: what the program chose.
        request: all that makes the request what it is.
        make: does the work; it is run again after a conflict.

    Returns:
        None when the key has been used for another request.
    """
    KeptAnswer.objects.filter(at__lte=timezone.now() - KEPT).delete()
    wanted = salted_hmac("relevo.kept_answers", request, algorithm="sha256").hexdigest()
    # A locking read: it sees what another transaction has committed meanwhile.
    kept, is_new = KeptAnswer.objects.select_for_update().get_or_create(
        token=token, key=hashlib.sha256(key.encode()).hexdigest(), defaults={"request": wanted}
    )
    if not is_new:
        same = kept.request == wanted
        return Answer(kept.status, kept.headers, kept.body, is_again=True) if same else None
    answer = make()
    kept.status, kept.headers, kept.body = answer.status, answer.headers, answer.body
    kept.save()
    return answer

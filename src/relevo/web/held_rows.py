"""A post that waits as a page shows it."""

from __future__ import annotations

from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from relevo.directory.held.posts import DECIDING, INTERRUPTED, Post
from relevo.web.section import moment

_STATES: dict[str, Promise] = {
    DECIDING: _("being decided about"),
    INTERRUPTED: _("a decision was interrupted: see whether the members have it, else decide again"),
}


class Row:
    """One row."""

    def __init__(self, post: Post) -> None:
        self.post = post
        self.when, self.size = moment(post.at), filesizeformat(post.size)
        self.state = _STATES.get(post.state, "")

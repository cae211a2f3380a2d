from __future__ import annotations

import pytest

from relevo.services.base import Context, NodeFacts, Release
from relevo.services.nginx.render import render
from relevo.services.nginx.settings import body_mb
from tests.unit.services.golden import check_golden


def test_files(context):
    check_golden("nginx", context("mail01"))


def test_both_nodes_have_the_same_files(context):
    assert render(context("mail01")) == render(context("mail02"))


@pytest.mark.parametrize(
    ("version", "listens", "directive"), [("13", "listen 443 ssl;", 2), ("12", "listen 443 ssl http2;", 0)]
)
def test_http2_as_that_nginx_writes_it(context, version, listens, directive):
    ctx = context("mail01")
    facts = NodeFacts(Release("debian", version), "eth0", 4096, 2)
    site = render(Context(ctx.cluster, ctx.secrets, ctx.node, facts))[0].data.decode()
    assert listens in site
    assert site.count("http2 on;") == directive


def test_a_whole_message_of_attachments_may_be_sent():
    assert body_mb(50) == 51

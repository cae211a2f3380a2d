from __future__ import annotations

import pickle
import re

import pytest

from relevo.services.fail2ban import health
from relevo.services.fail2ban.render import render
from relevo.services.releases import DEBIAN_12
from tests.unit.services.golden import check_golden

DOVECOT = "mail01 dovecot[1807]: "
ROUNDCUBE = "mail01 roundcube[2242]: "
SEEN = [  # captured from a node's journal; the last column is whom to ban
    (
        "dovecot",
        DOVECOT + "imap-login: Login aborted: Logged out (auth failed, 1 attempts in 2 secs) (auth_failed): "
        "user=<ana@chocolatesparati.com.bo>, method=PLAIN, rip=192.168.100.60, lip=192.168.100.11, TLS, "
        "session=<s/2V9AhhzsvAqGQ8>",
        "192.168.100.60",
    ),
    (
        "dovecot",  # a name made to look like the end of the line
        DOVECOT + "imap-login: Login aborted: Connection closed (auth failed, 1 attempts in 2 secs) (auth_failed): "
        "user=<x>, method=plain, rip=192.168.100.77, lip=192.168.100.11@chocolatesparati.com.bo>, method=PLAIN, "
        "rip=127.0.0.1, lip=127.0.0.1, TLS, session=<zTCk9QhhFIZ/AAAB>",
        "127.0.0.1",
    ),
    (
        "dovecot",
        DOVECOT + "imap-login: Login aborted: Logged out (no auth attempts in 0 secs) (no_auth_attempts): user=<>, "
        "rip=192.168.100.60, lip=192.168.100.11, TLS, session=<jBXU9AhhSqfAqGQ8>",
        None,
    ),
    (
        "dovecot",
        DOVECOT + "imap-login: Logged in: user=<ana@chocolatesparati.com.bo>, method=PLAIN, rip=192.168.100.60, "
        "lip=192.168.100.11, mpid=2421, TLS, session=<1mgs1ghhhoJ/AAAB>",
        None,
    ),
    (
        "roundcube",
        ROUNDCUBE + "<92d6af8c> Failed login for nadie from 192.168.100.60 in session 92d6af8c14eb3ae4 (error: 0)",
        "192.168.100.60",
    ),
    (
        "roundcube",  # a name made to look like the end of the line
        ROUNDCUBE + "<a8985c42> Failed login for x from 192.168.100.77 in session abcdef0123456789 (error: 0) from "
        "192.168.100.60 in session a8985c42c18f3b33 (error: 0)",
        "192.168.100.60",
    ),
    (
        "roundcube",  # the second line of the same failure
        ROUNDCUBE + "<92d6af8c> IMAP Error: Login failed for nadie@chocolatesparati.com.bo against 127.0.0.1 from "
        "192.168.100.60. AUTHENTICATE PLAIN: Authentication failed. in "
        "/usr/share/roundcube/program/lib/Roundcube/rcube_imap.php on line 211 (POST /?_task=login&_action=login)",
        None,
    ),
    (
        "roundcube",
        ROUNDCUBE + "<3f61d43e> Successful login for ana@chocolatesparati.com.bo (ID: 1) from 192.168.100.60 in "
        "session 3f61d43e9551b536",
        None,
    ),
]

OLD = "mail01 dovecot[1807]: imap-login: "
SEEN_OF_2_3 = [  # captured from Dovecot 2.3.19
    (
        OLD + "Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): "
        "user=<ana@chocolatesparati.com.bo>, method=PLAIN, "
        "rip=192.168.100.50, lip=192.168.100.100, TLS: Connection closed, session=<P9tC/VphFrTAqGQy>",
        "192.168.100.50",
    ),
    (  # a name made to look like the end of the line
        OLD + "Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): user=<x>, method=plain, "
        "rip=192.168.100.77, lip=192.168.100.11@chocolatesparati.com.bo>, method=PLAIN, rip=192.168.100.50, "
        "lip=192.168.100.100, TLS: Connection closed, session=<8ZBl/VphVrTAqGQy>",
        "192.168.100.50",
    ),
    (  # a telephone that does not use TLS: the password was not even looked at
        OLD + "Disconnected: Connection closed (auth failed, 1 attempts in 0 secs): "
        "user=<ana@chocolatesparati.com.bo>, rip=192.168.100.50, lip=192.168.100.100, session=<hvg1/Vph4LDAqGQy>",
        None,
    ),
    (
        OLD + "Disconnected: Aborted login by logging out (no auth attempts in 0 secs): user=<>, rip=192.168.100.50, "
        "lip=192.168.100.100, session=<SHe9/VphUN7AqGQy>",
        None,
    ),
    (
        OLD + "Login: user=<ana@chocolatesparati.com.bo>, method=PLAIN, rip=192.168.100.50, lip=192.168.100.100, "
        "mpid=57, TLS, session=<c2o2/Vph6LDAqGQy>",
        None,
    ),
]


@pytest.mark.parametrize("node", ["mail01", "storage01"])
def test_files(context, node):
    check_golden("fail2ban", context(node))


def test_the_machines_of_the_cluster_are_never_banned(context):
    jails = render(context("mail01"))[0].data.decode()
    (line,) = [line for line in jails.splitlines() if line.startswith("ignoreip")]
    assert {"127.0.0.0/8", "192.168.100.10", "192.168.100.11", "192.168.100.12", "192.168.100.100"} <= set(line.split())


@pytest.mark.parametrize(("name", "line", "host"), SEEN)
def test_filters_on_what_a_node_wrote(context, name, line, host):
    found = _regex(context("mail01"), name).search(line)
    assert (found["host"] if found else None) == host


@pytest.mark.parametrize(("line", "host"), SEEN_OF_2_3)
def test_the_filter_on_what_an_older_dovecot_wrote(context_of, line, host):
    found = _regex(context_of("mail01", DEBIAN_12), "dovecot").search(line)
    assert (found["host"] if found else None) == host


def _regex(ctx, name: str) -> re.Pattern[str]:
    """The filter's regular expression as fail2ban expands it (`fail2ban-regex` shows that)."""
    text = next(file.data.decode() for file in render(ctx) if file.path.endswith(f"relevo-{name}.conf"))
    (pattern,) = re.findall(r"^failregex = (.+)$", text, re.MULTILINE)
    prefix = rf"\s*(?:\S+\s+)?(?:{name}(?:\[\d+\])?:?\s+)?"
    pattern = pattern.replace("%(__prefix_line)s", prefix).replace("<HOST>", r"(?P<host>[\d.]+)")
    return re.compile(re.sub("<F-USER>(.*?)</F-USER>", r"(?P<user>\1)", pattern))


def test_the_ping_is_what_fail2bans_client_sends():
    assert pickle.dumps(["ping"], protocol=2) + b"<F2B_END_COMMAND>" == health.PING

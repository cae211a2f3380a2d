"""What members of shared mailboxes see of Dovecot: run inside a machine of test_shared.py; prints JSON."""

import contextlib
import imaplib
import json
import pathlib
import poplib
import shutil
import smtplib
import ssl
import sys
import time

DOMAIN, PASSWORD, PREFIX, PLACE = sys.argv[1:5]
TLS = ssl.create_default_context(cafile="/etc/relevo/tls/ca.pem")
TLS.check_hostname = False  # it is for the name of the platform
INFO, FULL = (f'"{PREFIX}/{name}@{DOMAIN}' for name in ("info", "full"))
BIG = b"x" * 70 + b"\r\n"
CHANGED_SECONDS = 5  # acl_cache_ttl, and a moment


def imap(user: str) -> imaplib.IMAP4_SSL:
    session = imaplib.IMAP4_SSL("127.0.0.1", ssl_context=TLS)
    session.login(f"{user}@{DOMAIN}", PASSWORD)
    return session


def deliver(user: str, body: bytes = b"hello", header: bytes = b"") -> str:
    with smtplib.LMTP("/run/dovecot/postfix-lmtp", local_hostname="client") as lmtp:
        try:
            lmtp.sendmail("x@outside.example", [f"{user}@{DOMAIN}"], b"Subject: t\r\n" + header + b"\r\n" + body)
        except smtplib.SMTPDataError as refused:
            return str(refused.smtp_code)
    return "250"


def names(answer: tuple[str, list[bytes]]) -> list[str]:
    return sorted(line.decode().rpartition('"/" ')[2].strip('"') for line in answer[1] if line)


def shared(found: list[str]) -> list[str]:
    return [name.removeprefix(f"{PREFIX}/") for name in found if name.startswith(f"{PREFIX}/")]


def listed(user: str) -> list[str]:
    return shared(names(imap(user).list('""', '"*"')))


def subscribed(user: str) -> list[str]:
    return shared(names(imap(user).lsub('""', '"*"')))


def roles(user: str) -> list[str]:
    """Return which folders say that they are for sent mail, drafts and so on."""
    flags = ("\\Sent", "\\Drafts", "\\Junk", "\\Trash", "\\Archive")
    found = imap(user).list('""', '"*"')[1]
    return shared(names(("OK", [line for line in found if any(flag in line.decode() for flag in flags)])))


def selects(user: str, folder: str) -> str:
    try:
        status = imap(user).select(folder)[0]
    except imaplib.IMAP4.readonly:
        return "read-only"
    return "read-write" if status == "OK" else status


def counts(user: str, folder: str) -> str:
    return imap(user).status(folder, "(MESSAGES)")[0]


def appends(user: str, folder: str, times: int = 1) -> str:
    return imap(user).append(folder, "", None, BIG * times)[0]


def flags(user: str) -> str:
    """Return the flags of the first mail in the shared mailbox after having tried to set one."""
    session = imap(user)
    with contextlib.suppress(imaplib.IMAP4.error):
        session.select(INFO + '"')
        session.store("1", "+FLAGS", r"(\Flagged)")
    session = imap("luis")
    session.select(INFO + '"', readonly=True)
    return session.fetch("1", "(FLAGS)")[1][0].decode().partition("FLAGS ")[2]


def creates(user: str, folder: str) -> str:
    return imap(user).create(folder)[0]


def copies(user: str) -> str:
    """Return whether mail goes from the shared mailbox to one's own."""
    session = imap(user)
    session.select(INFO + '"', readonly=True)
    return session.copy("1", "INBOX")[0]


def gives_rights(user: str, folder: str) -> str:
    return imap(user).setacl(folder, f"eva@{DOMAIN}", "lr")[0]


def quota(user: str) -> str:
    found = imap(user).getquotaroot("INBOX")[1][1]
    return found[0].decode().rpartition("(")[2].split()[1]


def pop3() -> list[object]:
    session = poplib.POP3_SSL("127.0.0.1", context=TLS)
    session.user(f"ana@{DOMAIN}")
    session.pass_(PASSWORD)
    return [session.stat()[0]]


def logs_in(user: str) -> bool:
    try:
        imap(user)
    except imaplib.IMAP4.error:
        return False
    return True


def withdrawn() -> dict[str, object]:
    """Take ana off while she is logged in, as relevo-sharing does."""
    session = imap("ana")
    before = shared(names(session.list('""', '"*"')))
    for name in ("rights", "map"):
        pathlib.Path(f"{PLACE}/after/{name}").replace(f"{PLACE}/{name}")
    pathlib.Path(f"{PLACE}/boxes/ana@{DOMAIN}/info@{DOMAIN}").unlink()
    time.sleep(CHANGED_SECONDS)
    return {
        "before": before, "listed to who is logged in": shared(names(session.list('""', '"*"'))),
        "opened by who is logged in": session.select(INFO + '"', readonly=True)[0],
        "listed": listed("ana"), "others": listed("luis"), "opened": selects("ana", INFO + '"'),
    }


def log() -> list[str]:
    """Return what Dovecot has complained of, but for what it can't make for strangers."""
    lines = pathlib.Path("/var/log/dovecot.log").read_text().splitlines()
    wrong = [line for line in lines if any(word in line for word in ("Error:", "Fatal:", "Panic:"))]
    return [line for line in wrong if "mkdir(" not in line]


def without_files() -> str:
    """Return whether people are let in by files as they are before relevo-sharing has written any."""
    for name in ("rights", "map"):
        pathlib.Path(f"{PLACE}/{name}").write_text("")
    shutil.rmtree(f"{PLACE}/boxes")
    time.sleep(CHANGED_SECONDS)
    return selects("luis", "INBOX")


sys.stdout.write(json.dumps({
    "empty": listed("ana"), "delivered": deliver("info"), "spam": deliver("info", header=b"X-Spam-Flag: YES\r\n"),
    "own": deliver("luis", header=b"X-Spam-Flag: YES\r\n"), "own counted": counts("luis", "Junk"),
    "listed to a reader": listed("ana"), "listed to an outsider": listed("eva"), "subscribed": subscribed("ana"),
    "roles": roles("luis"), "reader": selects("ana", INFO + '"'), "manager": selects("luis", INFO + '"'),
    "outsider": selects("eva", INFO + '"'), "reader flags": flags("ana"), "outsider flags": flags("eva"),
    "manager flags": flags("luis"), "reader appends": appends("ana", INFO + '"'), "reader copies": copies("ana"),
    "outsider appends": appends("eva", INFO + '"'), "reader creates": creates("ana", INFO + '/Mine"'),
    "writer creates": creates("rosa", INFO + '/Mine"'), "writer appends": appends("rosa", INFO + '"'),
    "manager creates": creates("luis", INFO + '/Clients"'), "reader sees it": selects("ana", INFO + '/Clients"'),
    "spam counted by an outsider": counts("eva", INFO + '/Junk"'),
    "anybody's counted": counts("eva", f'"{PREFIX}/luis@{DOMAIN}/Junk"'),
    "gives rights to own": gives_rights("luis", "INBOX"), "gives rights": gives_rights("luis", INFO + '"'),
    "before": quota("luis"), "big": appends("luis", INFO + '"', 8500), "after": quota("luis"),
    "own mailbox full": [appends("ana", "INBOX", 8500), appends("ana", "INBOX", 8500)],
    "filled": appends("luis", FULL + '"', 17000), "delivered to full": deliver("full"), "pop3": pop3(),
    "logs in": logs_in("info"), **{f"withdrawn: {key}": value for key, value in withdrawn().items()},
    "log": log(), "without files": without_files(),
}))

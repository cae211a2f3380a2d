"""What clients see of Dovecot: run inside a machine of test_dovecot.py, by the system's own Python; prints JSON."""

import contextlib
import imaplib
import json
import poplib
import smtplib
import socket
import ssl
import sys
import time

DOMAIN, PASSWORD, APP_PASSWORD, BIG = *sys.argv[1:4], b"x" * 70 + b"\r\n"
TLS = ssl.create_default_context(cafile="/etc/relevo/tls/ca.pem")
TLS.check_hostname = False  # it is for the name of the platform


def imap(user: str) -> imaplib.IMAP4_SSL:
    session = imaplib.IMAP4_SSL("127.0.0.1", ssl_context=TLS)
    session.login(f"{user}@{DOMAIN}", PASSWORD)
    return session


def deliver(user: str, body: bytes = b"hello", header: bytes = b"") -> str:
    with smtplib.LMTP("/run/dovecot/postfix-lmtp", local_hostname="client") as lmtp:
        try:
            lmtp.sendmail("x@outside.example", [f"{user}@{DOMAIN}"], b"Subject: t\r\n" + header + b"\r\n" + body)
        except smtplib.SMTPRecipientsRefused as refused:
            return str(next(iter(refused.recipients.values()))[0])
        except smtplib.SMTPDataError as refused:
            return str(refused.smtp_code)
    return "250"


def policy(user: str, size: int) -> str:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect("/run/dovecot/postfix-quota")
        line.sendall(f"request=smtpd_access_policy\nrecipient={user}@{DOMAIN}\nsize={size}\n\n".encode())
        return line.recv(999).decode().strip().removeprefix("action=")


def folders() -> list[str]:
    return sorted(entry.decode().rpartition('"/" ')[2] for entry in imap("ana").list()[1])


def holds(user: str, folder: str) -> int:
    return int(imap(user).select(folder)[1][0])


def appends(user: str, folder: str, times: int) -> str:
    status, lines = imap(user).append(folder, "", None, BIG * times)
    return f"{status} {lines[0].decode()}"


def pop3() -> str:
    session = poplib.POP3_SSL("127.0.0.1", context=TLS)
    session.user(f"ana@{DOMAIN}")
    return session.pass_(PASSWORD).decode()


def greets(address: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((address, port), 2) as line:
        return bool(line.recv(100))
    return False


def good_login_after_bad_ones() -> float:
    for _ in range(3):
        with contextlib.suppress(imaplib.IMAP4.error):
            imaplib.IMAP4_SSL("127.0.0.1", ssl_context=TLS).login(f"ana@{DOMAIN}", "wrong")
    began = time.monotonic()
    imap("ana")
    return time.monotonic() - began


def logs_in(address: str, user: str, password: str) -> str:
    try:
        return imaplib.IMAP4_SSL(address, ssl_context=TLS).login(f"{user}@{DOMAIN}", password)[0]
    except imaplib.IMAP4.error:
        return "NO"


def fetches(address: str, password: str) -> str:
    session = poplib.POP3_SSL(address, context=TLS)
    session.user(f"ana@{DOMAIN}")
    try:
        return session.pass_(password).decode().removeprefix("+").partition(" ")[0]
    except poplib.error_proto:
        return "NO"


def connections() -> int:
    open_ones = []
    with contextlib.suppress(imaplib.IMAP4.error):
        while len(open_ones) < 40:
            open_ones.append(imap("eva"))
    return len(open_ones)


sys.stdout.write(json.dumps({
    "folders": folders(), "pop3": pop3(),
    "delivered": deliver("ana"), "with extension": deliver("eva+tag"), "unknown": deliver("nobody"),
    "spam": deliver("ana", header=b"X-Spam-Flag: YES\r\n"),
    "inbox": holds("ana", "INBOX"), "junk": holds("ana", "Junk"),
    "room": policy("luis", 1000), "too large": policy("luis", 9_000_000), "unlimited": policy("ana", 9_000_000),
    "first": deliver("luis", BIG * 8500), "second": deliver("luis", BIG * 8500), "full": policy("luis", 600_000),
    "append to full": appends("luis", "INBOX", 8500), "append to trash": appends("luis", "Trash", 8500),
    "sieve here": greets("127.0.0.1", 4190), "sieve elsewhere": greets("192.168.100.11", 4190),
    "lmtp by the network": greets("192.168.100.11", 24),
    "app password": logs_in("192.168.100.11", "ana", APP_PASSWORD),
    "app password from the webmail": logs_in("127.0.0.1", "ana", APP_PASSWORD),
    "app password of another": logs_in("192.168.100.11", "eva", APP_PASSWORD),
    "app password for another protocol": fetches("192.168.100.11", APP_PASSWORD),
    "mailbox's own password by the network": logs_in("192.168.100.11", "ana", PASSWORD),
    "seconds": good_login_after_bad_ones(), "connections": connections(),
}))

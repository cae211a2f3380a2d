"""What the agent asks Dovecot: a real login with the probe's mailbox, and a delivery up to where it would count."""

from __future__ import annotations

from relevo.agent.probe import AgentConfig, Conversation, Deadline, Probe, ProbeFailed, loopback_tls

_UNIT = "dovecot.service"
_BELOW = ("mariadb", "storage")  # accounts; mailboxes
_LOOPBACK = "127.0.0.1"
_TLS_PORTS = (993, 995)


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes. A login and its TLS cost milliseconds of processor time, so they come less often."""
    user, password, lmtp = config["probe_user"], config["probe_password"], config["dovecot_lmtp_socket"]

    def imap(deadline: Deadline) -> str:
        return _imap(user, password, deadline)

    def pop3(deadline: Deadline) -> str:
        return _pop3(user, password, deadline)

    def delivery(deadline: Deadline) -> str:
        return _delivery(lmtp, user, deadline)

    return (
        Probe("lmtp", "dovecot", delivery, unit=_UNIT, every=1, timeout=3, stands_on=_BELOW),
        Probe("imap", "dovecot", imap, unit=_UNIT, every=2, timeout=3, stands_on=_BELOW),
        Probe("pop3", "dovecot", pop3, unit=_UNIT, every=5, timeout=3, stands_on=_BELOW),
    )


def greets(port: int) -> bool:
    """Tell whether a port of Dovecot greets; used by the deployment."""
    try:
        with _connect(port, Deadline(5)) as line:
            return line.line().startswith(("* OK", "+OK", '"IMPLEMENTATION"'))
    except ProbeFailed:
        return False


def _connect(port: int, deadline: Deadline) -> Conversation:
    return Conversation((_LOOPBACK, port), deadline, loopback_tls() if port in _TLS_PORTS else None)


def _imap(user: str, password: str, deadline: Deadline) -> str:
    with _connect(993, deadline) as line:
        line.expect("* OK")
        _command(line, "a", f'LOGIN "{user}" "{password}"')
        _command(line, "b", "SELECT INBOX")
        _command(line, "c", "NOOP")
        _command(line, "d", "LOGOUT")
    return "login, INBOX"


def _command(line: Conversation, tag: str, command: str) -> None:
    """Send a command and read on to its answer; the command itself never gets into an error."""
    line.send(f"{tag} {command}")
    while not (answer := line.line()).startswith(f"{tag} "):
        pass
    if not answer.startswith(f"{tag} OK"):
        raise ProbeFailed(f"{command.split(' ', maxsplit=1)[0]}: {answer[:120]!r}")


def _pop3(user: str, password: str, deadline: Deadline) -> str:
    with _connect(995, deadline) as line:
        for command in ("", f"USER {user}", f"PASS {password}", "NOOP", "QUIT"):
            if command:
                line.send(command)
            line.expect("+OK")
    return "login"


def _delivery(socket_path: str, user: str, deadline: Deadline) -> str:
    """Go as far as RCPT: the account is found, its quota read on the shared storage; nothing is written."""
    with Conversation(socket_path, deadline) as line:
        for command, code in (
            ("", "220"), ("LHLO relevo-probe", "250"), ("MAIL FROM:<>", "250"), (f"RCPT TO:<{user}>", "250"),
            ("RSET", "250"), ("QUIT", "221"),
        ):
            _lmtp(line, command, code)
    return "would deliver"


def _lmtp(line: Conversation, command: str, code: str) -> None:
    if command:
        line.send(command)
    while (answer := line.line())[3:4] == "-":
        pass
    if not answer.startswith(code):
        raise ProbeFailed(f"{command or 'greeting'}: {answer[:120]!r}")

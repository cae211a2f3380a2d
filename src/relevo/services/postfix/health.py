"""What the agent asks Postfix: the three ports up to TLS, whether the database answers it, how long the queue is.

The deployment asks the same before it calls Postfix ready.
"""

from __future__ import annotations

import json
from functools import partial

from relevo.agent.probe import AgentConfig, Conversation, Deadline, Probe, ProbeFailed, loopback_tls
from relevo.services.postfix.queue_probe import QueueProbe

_UNIT = "postfix.service"
_BELOW = ("mariadb", "storage", "dovecot")  # recipients; the queue; passwords and quota
_SECONDS = 10.0
_TLS_PORT = 465
_LOOPBACK = "127.0.0.1"


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes. Port 25 asks for the probe's mailbox: this asks the database, and not Dovecot for its quota.

    A process of smtpd remembers for its whole life which address it could not look up, and answers 451 to it, also when
    the database is there again (seen for 90 s).
    """
    mailbox = config["probe_user"]

    def incoming(deadline: Deadline) -> str:
        with greet(25, deadline) as line:
            ask(line, "MAIL FROM:<>", "250")
            ask(line, f"RCPT TO:<{mailbox}>", "250")
            ask(line, "QUIT", "221")
        return "takes mail"

    def port(number: int) -> Probe:
        name, check = f"submission-{number}", partial(_submit, number)
        return Probe(name, "postfix", check, unit=_UNIT, every=3, timeout=3, stands_on=_BELOW)

    queue = QueueProbe(queues(config))
    return (
        Probe(
            "smtp", "postfix", incoming, unit=_UNIT, every=1, timeout=3, stands_on=_BELOW, reload_after=("mariadb",),
        ),
        port(465), port(587),
        Probe("queue", "postfix", queue.check, vital=False, every=5, timeout=2),
    )


def queues(config: AgentConfig) -> dict[str, str]:
    """Return the directories of the queues that this node may deliver: its own, and the other's where it is adopted."""
    own, adopted = config["queue_root"], config["queue_root"].replace(config["mail_mount"], config["adopted_mount"], 1)
    others = [peer["node"] for peer in json.loads(config["peers"]) if "mail" in peer["roles"].split(",")]
    return {config["node"]: f"{own}/{config['node']}", **{node: f"{adopted}/{node}" for node in others}}


def _submit(port: int, deadline: Deadline) -> str:
    with greet(port, deadline) as line:
        ask(line, "QUIT", "221")
    return "answers"


def ask(line: Conversation, command: str, expected: str) -> str:
    """Send a command (none when empty) and return the last line of the answer, which must begin with `expected`."""
    if command:
        line.send(command)
    while (answer := line.line())[3:4] == "-":
        pass
    if not answer.startswith(expected):
        raise ProbeFailed(f"{command or 'greeting'}: {answer[:160]!r}")
    return answer


def greet(port: int, deadline: Deadline) -> Conversation:
    """Connect, and go on until TLS stands and the server has said what it can do there."""
    line = Conversation((_LOOPBACK, port), deadline, loopback_tls() if port == _TLS_PORT else None)
    try:
        ask(line, "", "220")
        ask(line, "EHLO relevo-probe.localhost", "250")
        if port != _TLS_PORT:
            ask(line, "STARTTLS", "220")
            line.start_tls(loopback_tls())
            ask(line, "EHLO relevo-probe.localhost", "250")
    except BaseException:
        line.__exit__()
        raise
    return line


def port_answers(port: int) -> bool:
    """Tell whether a port speaks SMTP over TLS; False while it doesn't."""
    try:
        with greet(port, Deadline(_SECONDS)) as line:
            ask(line, "QUIT", "221")
    except ProbeFailed:
        return False
    return True


def recipient_answer(address: str) -> str:
    """Return what port 25 answers to mail for an address: this asks the database."""
    try:
        with greet(25, Deadline(_SECONDS)) as line:
            ask(line, "MAIL FROM:<>", "250")
            line.send(f"RCPT TO:<{address}>")
            answer = line.line()
            ask(line, "QUIT", "221")
    except ProbeFailed as error:
        return f"451 {error}"
    return answer

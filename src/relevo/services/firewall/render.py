"""UFW's files.

The user rules are byte by byte what the command `ufw` writes, so that it works on a node and leaves them as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from relevo.services.base import Context, File, template
from relevo.services.firewall.ports import ANYWHERE, ANYWHERE_6, Rule, rules, rules_6, tcp_reset_ports
from relevo.services.firewall.settings import FOLDER, USER_CHAINS, USER_RULES

_CHECK = ("iptables-restore", "--test", "--noflush", "{}")
_CHECK_6 = ("ip6tables-restore", "--test", "--noflush", "{}")


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files of one node."""
    cluster, node = ctx.cluster, ctx.node
    reset = ",".join(tcp_reset_ports(cluster, node))
    v4 = _rules("", rules(cluster, node), ANYWHERE)
    v6 = _rules("6", rules_6(cluster, node), ANYWHERE_6)
    return (
        File("/etc/default/ufw", template(str(__package__), "etc/default/ufw.j2")),
        File(f"{FOLDER}/before.rules", _before("before.rules", reset), mode=0o640, check=_CHECK),
        File(f"{FOLDER}/before6.rules", _before("before6.rules", reset), mode=0o640, check=_CHECK_6),
        File(f"{FOLDER}/user.rules", v4, mode=0o640, check=_CHECK),
        File(f"{FOLDER}/user6.rules", v6, mode=0o640, check=_CHECK_6),
        File(f"{FOLDER}/ufw.conf", template(str(__package__), "etc/ufw/ufw.conf.j2")),
    )


def frame(file: File) -> File:
    """Return what of a file a restart alone puts in force: of the user rules what is no rule for a port."""
    if file.path not in USER_RULES.values():
        return file
    ours = tuple(f"-A {chain} ".encode() for chain in USER_CHAINS.values())
    lines = (line for line in file.data.splitlines() if line and not line.startswith((b"### tuple ###", *ours)))
    return replace(file, content=b"\n".join(lines))


def _before(name: str, reset_ports: str) -> str:
    return template(str(__package__), f"etc/ufw/{name}.j2", reset_ports=reset_ports)


def _rules(suffix: str, wanted: Sequence[Rule], anywhere: str) -> str:
    rows = [(_tuple(rule, anywhere), _arguments(rule, anywhere)) for rule in wanted]
    return template(str(__package__), "etc/ufw/user.rules.j2", six=suffix, rows=rows)


def _tuple(rule: Rule, anywhere: str) -> str:
    """Return a rule as UFW remembers it: action, protocol, port, to, port, from, direction, and the comment in hex."""
    comment = rule.purpose.encode().hex()
    return f"allow {rule.protocol} {rule.port or 'any'} {anywhere} any {rule.source} in comment={comment}"


def _arguments(rule: Rule, anywhere: str) -> str:
    """Return a rule as iptables(8) takes it."""
    words = ["-p", rule.protocol]
    if ":" in rule.port:
        words += ["-m", "multiport", "--dports", rule.port]
    elif rule.port:
        words += ["--dport", rule.port]
    if rule.source != anywhere:
        words += ["-s", rule.source]
    return " ".join(words)

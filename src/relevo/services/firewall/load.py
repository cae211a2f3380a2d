"""Have the kernel take the rules of the files, without a moment in which it lets in too much or too little."""

from __future__ import annotations

from relevo.deploy.shell import run
from relevo.services.firewall.settings import DROPS, USER_CHAINS, USER_RULES


def load() -> None:
    """Load the rules for ports; raise CommandFailed when the kernel does not take them.

    `ufw reload` and a restart take all rules away first: everything is let in, then nothing, not even a peer, until
    they are back after a second or two. Two machines that do so one after the other cost the database its majority. So
    a firewall that runs has the chains of its ports replaced in one step of the kernel each, as `ufw` fills them too.
    """
    if not all(_runs(tool, chain) for tool, chain in USER_CHAINS.items()):
        run(["ufw", "reload"], within=60)
        return
    for tool, rules in USER_RULES.items():
        run([f"{tool}-restore", "--noflush", rules], within=20)


def _runs(tool: str, chain: str) -> bool:
    live = run([tool, "-S"], within=20).splitlines()
    return DROPS in live and f"-N {chain}" in live

"""What the daemons of a node say of it, in the reader's language: its agent, and the one that signs profiles.

They speak English, in their journals as to each other: their words are compared and kept, and nobody knows who will
read them. Whoever shows them passes them through `told`.
"""

from __future__ import annotations

import re
from functools import cache

from relevo.i18n import _, gettext_noop

# Each as it stands in the source of who says it, its values as fields.
_SAYINGS = (
    # Probes: any service's
    gettext_noop("no answer in time"),
    gettext_noop("no answer, and none of its processes stirs"),
    gettext_noop("no greeting, and none of its processes ran for {seconds} s"),
    gettext_noop("connection closed"),
    gettext_noop("expected {wanted}, got {got}"),
    gettext_noop("the probe itself failed: {error}"),
    gettext_noop("its probes can't be made ({error})"),
    gettext_noop("it says of itself {text}"),
    gettext_noop("it has said nothing of itself for {seconds} s"),
    gettext_noop("it answers {text}"),
    gettext_noop("answers"),
    gettext_noop("busy"),
    gettext_noop("{unit} was stopped"),
    gettext_noop("Connection refused"),  # the system's own words
    gettext_noop("Connection reset by peer"),
    gettext_noop("No such file or directory"),
    gettext_noop("timed out"),
    # The machine
    gettext_noop("{path} is full: {free} MiB free"),
    gettext_noop("{path} has only {count} inodes free"),
    gettext_noop("only {free} MiB of memory left"),
    gettext_noop("{free} MiB available"),
    gettext_noop("{path} {free} GiB free"),
    # The mail store
    gettext_noop("written and read"),
    gettext_noop("readable, but full"),
    gettext_noop("the store did not answer in time"),
    gettext_noop("the store gave back something else than was written"),
    gettext_noop("an earlier access to the store still hangs"),
    gettext_noop("the child that touches the store has ended"),
    gettext_noop("the child that touches the store has no pipes"),
    gettext_noop("nothing is mounted at {path}"),
    gettext_noop("{count} copies"),
    gettext_noop("glusterd tells nobody where this machine's copy listens: who comes anew can't use it"),
    gettext_noop("glusterd does not say where it listens"),
    gettext_noop("no volume is started"),
    gettext_noop("{who} has no connection to the copy on {address}, which answers"),
    gettext_noop("{who} does not run"),
    gettext_noop("the mount"),
    gettext_noop("the self-heal daemon"),
    gettext_noop("rests: it could heal nothing now, or do harm"),
    gettext_noop("{count} files are not copied from here to another machine yet"),
    gettext_noop("{count} files are not copied from here to another machine yet, and nothing has been for {seconds} s"),
    gettext_noop("{count} to be copied"),
    gettext_noop("{name} has waited for the store for {seconds} s: a mailbox hangs"),
    gettext_noop("the NFS server closed the connection"),
    gettext_noop("the NFS server refuses the call"),
    # Services, one after the other
    gettext_noop("there is no copy of the accounts"),
    gettext_noop("the newest copy of the accounts is {hours} hours old"),
    gettext_noop("{hours} h old"),
    gettext_noop("{name}: the name server answers with code {code}"),
    gettext_noop("answers, but knows no {name}"),
    gettext_noop("the certificate expired {days} days ago"),
    gettext_noop("the certificate expires in {days} days"),
    gettext_noop("the certificate's file holds no certificate"),
    gettext_noop("{days} days left"),
    gettext_noop("no official virus signatures on this machine: only EICAR would be found"),
    gettext_noop("virus signatures are {days} days old: look at clamav-freshclam.service"),
    gettext_noop("{days} days old"),
    gettext_noop("the keys are those of the database"),
    gettext_noop("login, INBOX"),
    gettext_noop("login"),
    gettext_noop("would deliver"),
    gettext_noop("fail2ban answers {text} to a ping"),
    gettext_noop("garbd closed the connection without its handshake"),
    gettext_noop("greets"),
    gettext_noop("it does not run"),
    gettext_noop("its process for VRRP does not run"),
    gettext_noop("{file} has no {name}"),
    gettext_noop("the cluster is {state}"),
    gettext_noop("wsrep_ready is {ready}, the cluster is {state}"),
    gettext_noop("the server closed the connection"),
    gettext_noop("the server did not let us in"),
    gettext_noop("takes mail"),
    gettext_noop("the queue could not be counted: the mail store does not answer"),
    gettext_noop("{count} of {node}"),
    gettext_noop("it does not speak HTTP"),
    gettext_noop("reads from the database"),
    gettext_noop("nobody is told: no way is set"),
    gettext_noop("{count} ways"),
    gettext_noop("the other node's matter"),
    gettext_noop("for {hours} hours no lists of refused mail have been made: journalctl -u relevo-digest"),
    gettext_noop("none is due yet"),
    gettext_noop("{said}, {hours} hours ago"),
    gettext_noop("for {minutes} minutes no owner of a list was told of posts: journalctl -u relevo-held"),
    gettext_noop("looked {minutes} minutes ago"),
    gettext_noop("not looked yet"),
    gettext_noop("login form"),
    gettext_noop("the webmail answers {text}"),
    gettext_noop("the webmail's page has no login form: `journalctl -t roundcube` says why"),
    gettext_noop("Dovecot knows what the database says"),
    gettext_noop("the journal is being read for the first time"),
    gettext_noop("last logins and sizes of mailboxes are written"),
    gettext_noop("it has read nothing from the journal for {minutes} min: journalctl -u relevo-trace"),
    gettext_noop(
        "nothing was written for {minutes} min: last logins and sizes of mailboxes are that old; "
        "journalctl -u relevo-use"
    ),
    # Nodes: why one stands as it does
    gettext_noop("well"),
    gettext_noop("this machine never has the virtual IP"),
    gettext_noop("this node does not have the virtual IP"),
    gettext_noop("the agent has just begun"),
    gettext_noop("the agent has not seen all services yet"),
    gettext_noop("the agent has just begun and has not heard the other node's yet"),
    gettext_noop("the other node has the virtual IP, and its agent has just begun"),
    gettext_noop("held down after repeated failovers"),
    gettext_noop("handed over by hand"),
    gettext_noop("drained by hand"),
    gettext_noop("cut off from the storage by {nodes}"),
    gettext_noop("hears no other machine"),
    gettext_noop("no other machine is heard"),
    gettext_noop("{node} has the virtual IP, as {witness} hears"),
    gettext_noop("{node} has the virtual IP for longer"),
    gettext_noop("{node} has not closed its gate yet"),
    gettext_noop("{node} is being cut off from the storage"),
    gettext_noop("the virtual IP is elsewhere"),
    # What they note
    gettext_noop("all vital probes succeed"),
    gettext_noop("{why} can only be mended then"),
    gettext_noop("{order}, since {name} can only be mended then"),
    gettext_noop("{count} of the last holder"),
    gettext_noop("earlier failovers count no longer"),
    gettext_noop("nobody has cut this node off any more"),
    gettext_noop("the queue of {node}"),
    gettext_noop("{node}; {count} connections of the storage with it were ended"),
    gettext_noop("{node}: {count} open files were not open there"),
    gettext_noop("nothing of {count} files is copied any more"),
    gettext_noop("a copy that lacked files has them"),
    gettext_noop("begins its cluster here: none ran, and no copy is ahead of {position}"),
    gettext_noop("starts it as usual: {why}; if that is in vain, `relevo recover database`"),
    gettext_noop("the last agent held it"),
    gettext_noop("the cluster could not be begun here: {error}"),
    gettext_noop("the position of this node's database can't be read"),
    gettext_noop("the position of the other node's database can't be read"),
    gettext_noop("the databases are of different clusters, {here} here and {there} there"),
    # Orders that they refuse
    gettext_noop("the other mail node does not answer"),
    gettext_noop("the other mail node has not seen all its services yet, or its keepalived does not run"),
    gettext_noop("the other mail node must not have the virtual IP now: see `relevo status`"),
    gettext_noop("the other mail node is not well: {names}"),
    gettext_noop("the other mail node is drained"),
    gettext_noop("the other mail node is cut off from the storage"),
    # The one that signs profiles
    gettext_noop("nobody answers as expected at {path}"),
    gettext_noop("the certificate or its key can't be read"),
    gettext_noop("the certificate is over since {date}"),
    gettext_noop("the certificate's key is of a kind that devices don't verify: RSA and ECDSA are known to them"),
)
_TOLD = frozenset({"why", "who", "said"})  # fields that hold another saying
_NUMBERS = frozenset({"count", "free", "seconds", "minutes", "hours", "days", "code"})
# those with colons, semicolons and commas in them
_LONG = frozenset({"why", "text", "error", "wanted", "got", "address", "names", "nodes"})
_NAMED = re.compile(r"\{\w+\}")
_FIELD = re.compile(r"\\\{(\w+)\\\}")
_JOINTS, _HEAD = ("; ", ", "), re.compile(r"(?P<head>\S+): (?P<rest>.+)", re.DOTALL)


def told(text: str) -> str:
    """Return what a daemon said in the reader's language; what is not known here comes back as it was said.

    Several sayings may be joined by semicolons or commas, and each may follow the name of what it is about and a colon.
    """
    for pattern, saying in _patterns():
        if found := pattern.fullmatch(text):
            fields = found.groupdict()
            return _(saying).format(**{name: told(said) if name in _TOLD else said for name, said in fields.items()})
    for joint in _JOINTS:
        if joint in text:
            return joint.join(told(part) for part in text.split(joint))
    if found := _HEAD.fullmatch(text):
        return f"{found['head']}: {told(found['rest'])}"
    return text


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the sayings and how each is recognised; where several fit, the one with most words of its own is meant."""
    made = [(re.compile(_FIELD.sub(_group, re.escape(saying)), re.DOTALL), saying) for saying in _SAYINGS]
    return tuple(sorted(made, key=lambda pair: -len(_NAMED.sub("", pair[1]))))


def _group(field: re.Match[str]) -> str:
    kind = r"[\d.]+" if field[1] in _NUMBERS else ".+" if field[1] in _LONG else "[^;:,]+"
    return f"(?P<{field[1]}>{kind})"

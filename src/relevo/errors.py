"""Every error that Relevo raises on purpose.

RelevoError                   one sentence for the operator that says what to do
├── ConfigurationError        the cluster file or the secrets file is wrong (exit 2)
├── UsageError                the command was called wrongly (exit 2)
├── NodeError                 a machine did not do what it was asked (exit 1)
│   ├── UnreachableError      it does not answer, or refuses our key
│   ├── UnfitError            it answers but can't be part of the platform
│   └── StepFailed            a step of plan or apply failed on it
├── LockedError               another command holds the lock of the cluster
├── DirectoryError            a domain, mailbox, alias or list can't be as asked
│   ├── UnavailableError      the accounts' database can't be asked now
│   ├── QueueError            a mail queue can't be read or changed now
│   └── DnsError              no name server can be asked now
│   └── QuarantineError       the quarantine can't be read, or a message not released, now
├── DrillError                a drill could not be run (not: has failed)
└── LabError                  the lab can't do what was asked

Libraries raise; only `relevo.cli.main` prints and exits.
"""

from __future__ import annotations


class RelevoError(Exception):
    """An error meant for the operator: one sentence, with what to do next."""

    exit_code = 1


class ConfigurationError(RelevoError):
    """What the operator wrote is wrong; carries every mistake at once."""

    exit_code = 2


class UsageError(RelevoError):
    """The command was called in a way that can't mean anything."""

    exit_code = 2


class NodeError(RelevoError):
    """A machine did not do what it was asked; says which one."""

    def __init__(self, node: str, message: str) -> None:
        super().__init__(f"{node}: {message}")
        self.node = node


class UnreachableError(NodeError):
    """The machine does not answer, or it refuses our key."""


class UnfitError(NodeError):
    """The machine answers, but can't be part of the platform as it is."""


class StepFailed(NodeError):  # noqa: N818 - the name of the event, as the operator reads it
    """A step of plan or apply failed on a machine; the message names the step and the command."""

    def __init__(self, node: str, service: str, message: str) -> None:
        super().__init__(node, f"{service}: {message}")
        self.service = service


class LockedError(RelevoError):
    """Another command holds the lock of the cluster; says who, since when and why."""


class DirectoryError(RelevoError):
    """A domain, mailbox, alias or list can't be as it was asked."""


class UnavailableError(DirectoryError):
    """The accounts' database does not do that now; the same can be tried again later."""


class QueueError(DirectoryError):
    """A mail queue can't be read or changed now; says whose, and why."""


class DnsError(DirectoryError):
    """No name server can be asked now, from this node; says why."""


class QuarantineError(DirectoryError):
    """The quarantine can't be read or changed now; says why."""


class DrillError(RelevoError):
    """A drill could not be run at all."""


class LabError(RelevoError):
    """The lab can't do what was asked."""

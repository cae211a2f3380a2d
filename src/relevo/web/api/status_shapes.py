"""What is told of the platform: the shape of `relevo.directory.status.telling.described`. All times are seconds."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from relevo.web.api.shapes import Told

_AGE = "Seconds since it was so."
_SHARE = "Share that is free, 0 to 1."


class Check(Told):
    """A probe of a service on a machine."""

    name: str = Field(examples=["dovecot/imap"])
    service: str
    vital: bool = Field(description="People feel it when it fails.")
    good: bool | None = Field(description="null: not known yet.")
    seconds: float | None = Field(description="For so long it has been so.")
    text: str = Field(description="What the probe says.")
    age: float | None = Field(description="Seconds since it was last asked.")
    succeeded: float | None = Field(description="Seconds since it last succeeded.")
    took: float | None = Field(description="What the last exchange took.")


class Disk(Told):
    """A file system."""

    path: str
    free: float = Field(description=_SHARE)
    inodes_free: float | None = Field(description="Share of its inodes that is free; null where there is no limit.")
    age: float = Field(description=_AGE)


class Machine(Told):
    """A machine of the platform."""

    name: str
    role: Literal["active", "standby", "drained", "witness", "silent"] = Field(
        description="silent: nothing is known of it now, and nothing below tells anything but `problem` and `heard`."
    )
    why: list[str] = Field(description="How its agent judges it.")
    problem: str = Field(description="Why it does not answer by itself; empty when it does.")
    holder_seconds: float | None = Field(description="For so long it has had the virtual IP; null: it has not.")
    weight: int = Field(description="What it gives keepalived; -254 means that it must not have the virtual IP.")
    second_hand: bool = Field(description="Told by another machine's agent.")
    age: float = Field(description=_AGE)
    heard: float | None = Field(description="Seconds since its agent was last heard; null: never.")
    up: float | None = Field(description="Seconds since the machine began.")
    checks: list[Check]
    disks: list[Disk]


class Prospect(Told):
    """What would happen if a machine died now."""

    node: str
    text: str
    safe: bool = Field(description="People would go on working.")


class QueueLength(Told):
    """How long a queue is."""

    node: str = Field(description="Whose it is.")
    at: str = Field(description="The node that works on it.")
    messages: int
    age: float = Field(description=_AGE)


class Behind(Told):
    """Files of the mail store of which another copy lacks the newest state."""

    node: str
    files: int
    age: float = Field(description=_AGE)


class Move(Told):
    """What happened around the virtual IP."""

    at: str = Field(examples=["2026-11-28T09:30:00+00:00"])
    node: str
    event: str = Field(examples=["took"])
    why: str


class Hour(Told):
    """What went through Postfix in an hour, on both nodes."""

    began: str = Field(examples=["2026-11-28T09:00:00+00:00"])
    accepted: int = Field(description="Messages taken.")
    delivered: int = Field(description="Recipients that were reached, here or at other servers.")
    deferred: int = Field(description="Attempts of deliveries that are tried again.")
    rejected: int = Field(description="Messages and recipients that were refused.")


class FlowNode(Told):
    """Whose counts are in the hours."""

    node: str
    age: float | None = Field(description="Seconds since it told them; null: it has told none.")
    trouble: str = Field(description="Why there are no newer ones; empty when nothing is wrong.")


class MailFlow(Told):
    """Mail of the last day; an hour that is not told is one of which nothing is known."""

    trouble: str = Field(description="Why nothing is known; empty when something is.")
    nodes: list[FlowNode]
    hours: list[Hour]


class Status(Told):
    """The platform at one moment."""

    at: str = Field(examples=["2026-11-28T09:30:00+00:00"])
    state: Literal["well", "attention", "wrong"] = Field(
        description="attention: nobody feels it yet. wrong: people feel it, or would at the next fault."
    )
    summary: str = Field(description="The whole in one sentence, in the language of Accept-Language.")
    advice: str = Field(description="What to do; empty when there is nothing to be done.")
    vip: str = Field(examples=["192.168.100.100"])
    holders: list[str] = Field(description="Who has the virtual IP: one machine, none, or (a fault) two.")
    cause: str = Field(description="Why it is there; empty when nobody noted it.")
    problems: list[str]
    warnings: list[str]
    prospects: list[Prospect]
    machines: list[Machine]
    queues: list[QueueLength]
    files_behind: list[Behind]
    certificate_days: float | None = Field(description="Days until the platform's certificate ends; null: not known.")
    moves: list[Move] = Field(description="The last events around the virtual IP, the newest first.")
    mail_flow: MailFlow

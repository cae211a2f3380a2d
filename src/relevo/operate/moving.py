"""Move the mail to another kind of storage: the steps over SSH. What comes next is `relevo.operate.storage_move`.

Until the switch begins, whatever fails ends with the services running on the old store, as if nothing had been done.
From then on only the switch goes on: a mark on both mail nodes (`wires.left_mark`) says that the old store is left, and
nothing mounts it any more, also after a reboot.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from relevo.cluster.model import Cluster, Node, StorageSection
from relevo.cluster.wires import MAIL_MOUNT, STORAGE_UNIT, left_mark
from relevo.deploy import events, stores
from relevo.deploy.shell import stays_wrong
from relevo.deploy.ssh import Ssh
from relevo.errors import NodeError, RelevoError
from relevo.i18n import _
from relevo.operate.active import active_node, holders
from relevo.operate.maintenance import SPARE_SECONDS, WHOLE_SECONDS, Maintenance
from relevo.operate.storage_move import Place, Step, both, next_step
from relevo.operate.store_copy import MARK, StoreCopy
from relevo.operate.writers import DOVECOT, POSTFIX, Writers

_LOOK_SECONDS = 2.0
_UNIT_FILE = f"/etc/systemd/system/{STORAGE_UNIT}"
_KIND = r"s/^Description=Mail store at .*(\([a-z]*\))$/mounts \1/p"
_ASK = f"""\
{stores.QUESTION}
sed -n "$0" {_UNIT_FILE}
for unit in {STORAGE_UNIT} {POSTFIX} {DOVECOT}; do echo "unit $(systemctl is-active "$unit")"; done
"""
_LEAVE = 'umask 077; mkdir -p "$(dirname "$0")" && cat > "$0.new" && sync "$0.new" && mv "$0.new" "$0"'


def parse_place(node: str, said: str) -> Place:
    """Read what a mail node says of its mail store; raise NodeError when it has none."""
    store = stores.parse(said)
    words = [line.split() for line in said.splitlines()]
    mounts = next((line[1] for line in words if line[:1] == ["mounts"] and len(line) > 1), "")
    if store is None or not mounts:
        raise NodeError(node, _("it is no part of the platform yet: relevo apply"))
    return Place(node, store, mounts, all(line[1:] == ["active"] for line in words if line[:1] == ["unit"]))


class StorageMove:
    """One move to the store that the operator's file names; `tell` gets one sentence a step."""

    def __init__(self, cluster: Cluster, ssh: Ssh, tell: Callable[[str], None]) -> None:
        """Take the way to the machines."""
        self._cluster, self._ssh, self._tell = cluster, ssh, tell
        self._writers = Writers(cluster, ssh)
        self._old = cluster.storage
        self._active = cluster.mail_nodes[0]
        self._committed = False
        self._paused_at = self._served_at = 0.0
        self._stamps: tuple[str, ...] = ()

    @property
    def active(self) -> Node:
        """The mail node that has the virtual IP, where the mail is copied."""
        return self._active

    @property
    def building(self) -> StorageSection:
        """The table with which the machines have both stores."""
        return both(self._old, self._cluster.storage)

    def look(self) -> Step:
        """Ask the mail nodes where the mail is, and return what comes next."""
        places = [self._place(node) for node in self._cluster.mail_nodes]
        step = next_step(places, self._cluster.storage)
        if step in {Step.BEGIN, Step.RESUME}:
            self._old = places[0].store.model_copy(update={"moving_to": ""})  # an earlier run may have built half of it
        return step

    def resume(self) -> None:
        """Have the services run on the old store again, where an earlier move was interrupted in its pause."""
        self._tell(_("an earlier move was interrupted before the switch: the services start again"))
        if left := self._writers.start(self._active_first(), left_mark(self._old.kind)):
            raise RelevoError("\n".join(left))
        self._until_well(WHOLE_SECONDS, self._old)

    def demand_well(self, *, built: bool = False) -> None:
        """Raise RelevoError when the platform is not well enough for it; `built`: the new store is looked at, too."""
        self._until_well(SPARE_SECONDS, self.building if built else self._old)

    @contextmanager
    def copied(self) -> Iterator[StoreCopy]:
        """Copy the mail to the new store while it flows; when what follows fails, leave all as it was.

        Raises:
            RelevoError: nothing was moved, and why.
        """
        cluster = self._cluster.with_storage(self.building)
        self._active = active_node(cluster, self._ssh)
        copy = StoreCopy(cluster, self._ssh, self._active, self._tell)
        try:
            self._tell(_("{node}: copies the mail, which flows meanwhile").format(node=self._active.name))
            copy.mount()
            copy.rounds()
            yield copy
        except BaseException as error:
            if self._committed:
                raise
            with suppress(RelevoError):
                copy.clear()
            if isinstance(error, RelevoError):
                text = _("{error}\nNothing was moved: the mail is where it was, in {kind} ({place})")
                said = text.format(error=error, kind=self._old.kind, place=self._old.place)
                raise RelevoError(said) from None
            raise

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop what writes to the mail store on both mail nodes; start it again when what follows fails too soon.

        Raises:
            RelevoError: with what to do, when it failed in the midst of the switch.
        """
        self._demand_same_active()
        self._writers.until_delivered(self._active)
        self._tell(_("mail is paused: Postfix and Dovecot stop on both mail nodes"))
        self._paused_at = time.monotonic()
        try:
            self._writers.stop(self._standby_first())
            self._stamps = self._writers.down_since()
            yield
        except BaseException as error:
            if self._committed:
                raise self._interrupted(error) from error
            left = self._writers.start(self._active_first(), left_mark(self._old.kind))
            text = _("mail goes on, where it was; it was paused for {seconds:.0f} s")
            self._tell("\n".join(left) if left else text.format(seconds=time.monotonic() - self._paused_at))
            raise

    def commit(self) -> None:
        """Begin the switch: see that nothing has written since the pause began, and let nothing mount the old store.

        Nothing is left to be done when it was begun before.

        Raises:
            RelevoError: something was started; nothing is switched then.
        """
        if self._committed:
            return
        if self._writers.down_since() != self._stamps:
            raise RelevoError(_("Postfix or Dovecot was started while mail was paused: the copy may lack something"))
        for node in self._cluster.mail_nodes:
            self._ssh.run(node, ["rm", "-f", left_mark(self._cluster.storage.kind)])
            self._ssh.run(node, ["sh", "-c", _LEAVE, left_mark(self._old.kind)], stdin=f"{self._old.place}\n")
        self._committed = True

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Go on with an interrupted switch: what still has the old store stops, and is given the new one.

        Raises:
            RelevoError: with what to do, when it fails again.
        """
        self._committed = True
        self._tell(_("the mail is copied; the machines get the new store"))
        have = holders(self._cluster, self._ssh)
        self._active = have[0] if have else self._cluster.mail_nodes[0]
        try:
            wanted = self._cluster.storage.kind
            self._writers.stop([node for node in self._standby_first() if self._place(node).mounts != wanted])
            yield
        except (RelevoError, KeyboardInterrupt) as error:
            raise self._interrupted(error) from error

    def heard(self, node: Node, event: events.Event) -> None:
        """Take an event of the switch: mail flows again when Postfix is up on the active node."""
        if event.kind == events.DONE and event.service == "postfix" and node == self._active:
            self._served_at = time.monotonic()

    def finish(self) -> None:
        """Wait until all is well on the new store, and take this move's mark away from it."""
        if self._paused_at and self._served_at:
            text = _("mail flows again; it was paused for {seconds:.0f} s")
            self._tell(text.format(seconds=self._served_at - self._paused_at))
        self._tell(_("waiting until all is whole again"))
        self._until_well(WHOLE_SECONDS, self._cluster.storage)
        self._ssh.run(active_node(self._cluster, self._ssh), ["rm", "-f", f"{MAIL_MOUNT}/{MARK}"])

    def where_old(self) -> str:
        """Say where the old store still is, "" when this run did not copy it."""
        if self._old == self._cluster.storage:
            return ""
        names = {
            "glusterfs": ", ".join(node.name for node in self._cluster.peers),
            "nfs": self._cluster.storage_node.name,
        }
        if self._old.kind == "external":
            text = _("The old store is as it was, and no longer current: {place}.")
            return text.format(place=self._old.place)
        text = _("The old store is as it was, and no longer current: {place} on {names}.")
        return text.format(place=self._old.place, names=names[self._old.kind])

    def _place(self, node: Node) -> Place:
        return parse_place(node.name, self._ssh.run(node, ["sh", "-c", _ASK, _KIND]))

    def _until_well(self, within: float, storage: StorageSection) -> None:
        work = Maintenance(self._cluster.with_storage(storage), self._ssh, self._tell)
        if troubles := stays_wrong(work.troubles, within=within, every=_LOOK_SECONDS):
            raise RelevoError(_("the platform is not well: {why}").format(why="; ".join(troubles)))

    def _demand_same_active(self) -> None:
        if (now := active_node(self._cluster, self._ssh)) != self._active:
            text = _("the virtual IP has moved to {node} meanwhile: run the command again")
            raise RelevoError(text.format(node=now.name))

    def _standby_first(self) -> list[Node]:
        """Return the mail nodes so that the active one stops last, when the other one has the same faults already."""
        return [self._cluster.other_mail_node(self._active), self._active]

    def _active_first(self) -> list[Node]:
        return self._standby_first()[::-1]

    def _interrupted(self, error: BaseException) -> RelevoError:
        kind = self._cluster.storage.kind
        text = _(
            "{error}\nThe mail is copied and the machines are being given the new store; run again, until it is done: "
            "relevo storage move {kind}. The old store is as it was, and no longer current: don't start Postfix on it"
        )
        return RelevoError(text.format(error=str(error) or _("interrupted"), kind=kind))

"""Progress of a plan or apply: a bar a node on a terminal, a line a change elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from relevo.cli.common import prose
from relevo.cluster.model import Node
from relevo.deploy import events
from relevo.deploy.events import Event
from relevo.i18n import _


class NodeProgress:
    """Bars for the nodes of one run; `heard` takes the events of all of them."""

    def __init__(self) -> None:
        """Make it without bars; `expect` adds them when the nodes are known."""
        self._bars = Progress(
            TextColumn("[bold]{task.fields[node]:<12}"),
            BarColumn(bar_width=28),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            console=prose,
            transient=True,
            disable=not prose.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def tell(self, sentence: str) -> None:
        """Say what is going on."""
        prose.print(f"[dim]{_(sentence)}…[/dim]")

    def expect(self, nodes: Sequence[Node], totals: dict[str, int]) -> None:
        """Show a bar for each node, of as many services as it has."""
        for node in nodes:
            self._tasks[node.name] = self._bars.add_task("", node=node.name, total=totals[node.name])

    def heard(self, node: Node, event: Event) -> None:
        """Move the node's bar, and leave a line for each change."""
        if event.kind == events.DONE:
            self._bars.advance(self._tasks[node.name])
        self._bars.update(self._tasks[node.name], description=event.service)

    def changed(self, node: Node, event: Event) -> None:
        """Do as `heard`, and leave a line for each change that was made."""
        self.heard(node, event)
        if event.kind == events.CHANGE:
            prose.print(f"[green]{node.name:<12}[/green] {event.service}: {event.step} [dim]{event.detail}[/dim]")

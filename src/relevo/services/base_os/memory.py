"""Is there memory enough? Pure: judges the text of `/proc/meminfo`."""

from __future__ import annotations

from relevo.services.base import Context

_SCANNER_MIB = 3072  # the whole virus database twice (clamd loads the new one beside the old), spam filter, database
_OFFLINE_MIB = 1024


def memory_advice(meminfo: str, ctx: Context) -> str:
    """Return a sentence on memory and swap, with what to do when it is little."""
    rows = (line.partition(":") for line in meminfo.splitlines())
    values = {name: int(kib.split()[0]) // 1024 for name, _, kib in rows}
    memory, swap = values.get("MemTotal", 0), values.get("SwapTotal", 0)
    have = f"{memory / 1024:.1f} GiB of memory, {swap / 1024:.1f} GiB of swap"
    wanted = _SCANNER_MIB if ctx.node.is_mail and ctx.cluster.filter.signatures == "online" else _OFFLINE_MIB
    if memory + swap >= wanted:
        return have
    return f"{have}: less than the {wanted / 1024:.0f} GiB that this node may need at once; add memory, or a swap file"

"""Is there memory enough? Pure: judges the text of `/proc/meminfo`."""

from __future__ import annotations

from relevo.i18n import _
from relevo.services.base import Context

_SCANNER_MIB = 3072  # the whole virus database twice (clamd loads the new one beside the old), spam filter, database
_OFFLINE_MIB = 1024


def memory_advice(meminfo: str, ctx: Context) -> str:
    """Return a sentence on memory and swap, with what to do when it is little."""
    rows = (line.partition(":") for line in meminfo.splitlines())
    values = {name: int(kib.split()[0]) // 1024 for name, _colon, kib in rows}
    memory, swap = values.get("MemTotal", 0), values.get("SwapTotal", 0)
    have = _("{memory:.1f} GiB of memory, {swap:.1f} GiB of swap").format(memory=memory / 1024, swap=swap / 1024)
    wanted = _SCANNER_MIB if ctx.node.is_mail and ctx.cluster.filter.signatures == "online" else _OFFLINE_MIB
    if memory + swap >= wanted:
        return have
    text = _("{have}: less than the {wanted:.0f} GiB that this node may need at once; add memory, or a swap file")
    return text.format(have=have, wanted=wanted / 1024)

"""Converge the NFS server on the storage machine."""

from __future__ import annotations

from pathlib import Path

from relevo.deploy.files import config_tree
from relevo.deploy.operations import step
from relevo.deploy.shell import CommandFailed, run, wait_until
from relevo.deploy.units import unit
from relevo.i18n import _
from relevo.services.base import Context, File
from relevo.services.nfs import export
from relevo.services.nfs.render import CONFIGURATION, render
from relevo.services.nfs.settings import UNIT

_VERSIONS = Path("/proc/fs/nfsd/versions")


def deploy(ctx: Context) -> None:
    """Converge the export and its server."""
    path = Path(ctx.cluster.storage.export)
    step(_("exported directory"), lambda: export.needed(path), lambda: export.make(path))
    files = render(ctx)
    config_tree(files)
    step(_("kernel support"), _kernel_needed, _load)
    # A restart makes every client wait for the grace time, so changed exports are only read again.
    server = [file for file in files if file.path == f"/{CONFIGURATION}"]
    unit(UNIT, files=server, ready=_serves)
    step(_("exports"), lambda: _unexported(files), lambda: run(["exportfs", "-ra"]))


def _kernel_needed() -> str | None:
    there = "nfsd" in Path("/proc/filesystems").read_text(encoding="utf-8")
    return None if there else _("load the kernel's NFS server")


def _load() -> None:
    try:
        run(["modprobe", "nfsd"])
    except CommandFailed as error:
        text = _("this machine's kernel has no NFS server ({error}): choose storage.kind glusterfs, or another kernel")
        raise CommandFailed(text.format(error=error)) from None


def _serves() -> None:
    wait_until(lambda: "+4.2" in _VERSIONS.read_text(encoding="utf-8"), within=30, what=_("NFSv4.2 to be served"))


def _unexported(files: tuple[File, ...]) -> str | None:
    """Say whether the kernel exports something else than the file says."""
    try:
        now = parse_exported(run(["exportfs", "-s"]))
    except CommandFailed:
        return _("export")
    wanted = parse_exported("".join(str(file.content) for file in files if file.path.endswith(".exports")))
    return None if now == wanted else _("export again")


def parse_exported(text: str) -> frozenset[tuple[str, str]]:
    """Read exports(5) or `exportfs -s`: pairs of directory and client."""
    lines = (line.split() for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return frozenset((words[0], word.split("(")[0]) for words in lines for word in words[1:])

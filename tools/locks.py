"""The lock of Pulumi's own state backend: a run that was killed leaves it, and no other run may start.

It holds the process id, so one whose process is gone can be taken away. Only the sandbox's backend, a folder of this
machine, is looked at.
"""

import json
import pathlib
from collections.abc import Iterable, Mapping

import tools

__all__ = ["find_lock_folder", "remove_stale_locks"]


def find_lock_folder(environment: Mapping[str, str], stack: str) -> pathlib.Path | None:
    """Return where the backend keeps the stack's locks, or None when it is no folder of this machine."""
    url = environment.get("PULUMI_BACKEND_URL", "")
    if not url.startswith("file://"):
        return None
    folder = pathlib.Path(url.removeprefix("file://").partition("?")[0]).expanduser()
    found = sorted((folder / ".pulumi" / "locks" / "organization").glob(f"*/{stack}"))
    return found[0] if found else None


def remove_stale_locks(folder: pathlib.Path | None, processes: pathlib.Path = pathlib.Path("/proc")) -> int:
    """Remove the locks whose process is gone and return how many. Raises `ToolError` when one is alive."""
    stale = list(_list_stale(folder, processes)) if folder else []
    for lock in stale:
        lock.unlink(missing_ok=True)
    return len(stale)


def _list_stale(folder: pathlib.Path, processes: pathlib.Path) -> Iterable[pathlib.Path]:
    for lock in folder.glob("*.json"):
        process = _read_process(lock)
        if process is not None and _runs_pulumi(processes / str(process)):
            raise tools.ToolError(
                f"Another pulumi (process {process}) is working on stack {folder.name}: wait for it or end it."
            )
        yield lock


def _read_process(lock: pathlib.Path) -> int | None:
    # A lock that was cut off while it was written names nobody.
    try:
        return int(json.loads(lock.read_text())["pid"])
    except (ValueError, KeyError, TypeError):
        return None


def _runs_pulumi(process: pathlib.Path) -> bool:
    # Process ids are given out again: one that is no pulumi is not the one that locked. One that was killed stays
    # listed (Z) until its parent asks for it.
    try:
        name, _, rest = (process / "stat").read_text().partition("(")[2].rpartition(") ")
    except OSError:
        return False
    return name.startswith("pulumi") and not rest.startswith(("Z", "X"))

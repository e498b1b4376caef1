"""How a script is run on a host: by its own python3, as root. Not every image brings one."""

import shlex

__all__ = ["EMPTY", "make_command"]

_MISSING = "This host has no python3, as those of Flatcar, and cannot be examined."
_REFUSE = f"echo {shlex.quote(_MISSING)} >&2; exit 1"
# What a script that prints JSON tells where it cannot run.
EMPTY = "echo '{}'; exit 0"


def make_command(script: str, arguments: str = "", otherwise: str = _REFUSE) -> str:
    """Makes a command of a shell; `arguments` are words as the shell reads them, `otherwise` is for hosts without."""
    return f"command -v python3 >/dev/null || {{ {otherwise}; }}; sudo -n python3 -c {shlex.quote(script)} {arguments}"

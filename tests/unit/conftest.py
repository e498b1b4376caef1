"""Without the folder sandbox/ the unit tests stay green: those of the sandbox go with it."""

import pathlib

_SANDBOX = pathlib.Path(__file__).parents[2] / "sandbox"

collect_ignore = [] if _SANDBOX.is_dir() else ["sandbox"]

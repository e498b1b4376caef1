"""Mutates the planner of the swarm's membership and counts the mutants that its cases kill: `python -m tools.mutants`.

It works on a copy with little in it, so that mutmut reads nothing of the rest, and leaves no trace in the checkout.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence

import tools

__all__ = ["judge", "main"]

CHECKOUT = pathlib.Path(__file__).resolve().parents[1]
_COPIED = ("providers", "tests/unit/planner", "tests/unit/test_planner.py")
_NEEDED = 0.9
_SETTINGS = """[mutmut]
source_paths=providers
only_mutate=
    providers/swarm/planner.py
    providers/swarm/beginning.py
pytest_add_cli_args_test_selection=tests/unit/test_planner.py
pytest_add_cli_args=--import-mode=importlib
use_git_change_detection=False
"""


def judge(counts: dict[str, int]) -> str:
    """Return the sentence on what mutmut counted. Raises `ToolError` when too many mutants live."""
    killed = counts["killed"] + counts["timeout"] + counts.get("caught_by_type_check", 0)
    share = killed / counts["total"] if counts["total"] else 0.0
    sentence = f"{killed} of {counts['total']} mutants of the planner died ({share:.1%})"
    if share < _NEEDED:
        raise tools.ToolError(f"{sentence}; at least {_NEEDED:.0%} must.")
    return f"{sentence}."


def main(arguments: Sequence[str]) -> int:
    """Run mutmut and return the exit code."""
    argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__).parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="azure-swarm-mutants-") as name:
        folder = pathlib.Path(name)
        _copy(folder)
        try:
            _mutmut(folder, "run")
            _mutmut(folder, "export-cicd-stats")
            print(_mutmut(folder, "results"), end="")
            print(judge(json.loads((folder / "mutants/mutmut-cicd-stats.json").read_text())))
        except tools.ToolError as error:
            print(f"azure-swarm: {error}", file=sys.stderr)
            return 1
    return 0


def _copy(folder: pathlib.Path) -> None:
    for name in _COPIED:
        source, target = CHECKOUT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    (folder / "setup.cfg").write_text(_SETTINGS)


def _mutmut(folder: pathlib.Path, command: str) -> str:
    # Its progress is an animation of many thousand frames: kept aside.
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", command],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        words = done.stdout.rpartition("\r")[2].strip() or f"exit code {done.returncode}"
        raise tools.ToolError(f"'mutmut {command}' failed: {words}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

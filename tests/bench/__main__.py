"""Measures the ratios of speed that the project promises: `python -m tests.bench`.

Figures are of this machine and this hour, so only ratios are judged, each of two figures measured together; one that is
over its bound is shown and is no failure. Everything is made in sandboxes of its own, and removed at the end.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from tests.bench import figures, ratios, running

_INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Measures and prints; 1 when something did not run."""
    options = _make_parser().parse_args(arguments)
    running.interrupt_once()
    processors = os.cpu_count() or 1
    make_text = figures.make_json if options.json else figures.make_table
    try:
        with tempfile.TemporaryDirectory(prefix="azure-swarm-bench-") as folder:
            prefix = f"azsw-bench-{os.getpid()}"
            bench = ratios.Bench(pathlib.Path(folder), prefix, options.runs, options.costly_runs)
            found = [ratios.MEASURES[name](bench) for name in options.only or ratios.MEASURES]
    except (running.BenchError, AssertionError, subprocess.CalledProcessError) as error:
        running.say(f"bench: {error}")
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    print(make_text(found, processors))
    return 0


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--only", action="append", choices=list(ratios.MEASURES), help="measure this ratio; repeatable")
    parser.add_argument("--runs", type=int, default=3, help="runs of each figure that is cheap (default %(default)s)")
    parser.add_argument(
        "--costly-runs", type=int, default=1, help="runs of a cold up or a replacement (default %(default)s)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Prints the Azure part of an environment as an ARM template: `python -m tools.arm --stack prod [workers=5 ...]`.

The template goes to stdout; the command lines that deploy it go to stderr.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from arm import bodies, template
from components import errors
from tools import environments, record

__all__ = ["main"]


def main(arguments: Sequence[str]) -> int:
    """Print a template and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.arm", description=__doc__)
    record.add_arguments(parser)
    options = parser.parse_args(arguments)
    os.chdir(environments.ROOT)
    try:
        found = environments.record(options.stack, record.read_changes(options.settings)).resources
        print(template.print_template(found), end="")
    except (errors.ComponentError, bodies.UncoveredTypeError) as error:
        print(f"azure-swarm: {error}", file=sys.stderr)
        return 1
    for line in template.make_commands(found, f"{options.stack}.json"):
        print(line, file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

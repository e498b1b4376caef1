"""Prints the Azure part of an environment as an ARM template: `python -m tools.arm --stack prod [workers=5 ...]`.

The template goes to stdout; the command lines that deploy it go to stderr.
"""

import argparse
import sys
from collections.abc import Sequence

from arm import template
from tools import record

__all__ = ["main"]


def main(arguments: Sequence[str]) -> int:
    """Print a template and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.arm", description=__doc__)
    return record.run(parser, arguments, _print_template)


def _print_template(options: argparse.Namespace, found: record.Resources) -> int:
    print(template.print_template(found), end="")
    for line in template.make_commands(found, f"{options.stack}.json"):
        print(line, file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Prints what an environment asks for: `python -m tools.record --stack prod [--azure] [workers=5 ...]`.

The program runs against stand-ins, so this needs no Pulumi, no Azure and no sandbox. Settings may be changed on the
command line. Secrets are masked, and generations stand once, at the top.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence

import yaml

import tools
from arm import bodies, costs, registrations
from components import errors
from tools import environments, settings_files

__all__ = ["Resources", "main", "run"]

_COMMAND_LINE = "On the command line: "

Resources = Sequence[registrations.Registration]


def main(arguments: Sequence[str]) -> int:
    """Print a record and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.record", description=__doc__)
    parser.add_argument("--azure", action="store_true", help="only what azure-native is asked for")
    parser.add_argument("--json", action="store_true", help="print JSON in place of YAML")
    return run(parser, arguments, _print_record)


def _print_record(options: argparse.Namespace, found: Resources) -> int:
    text = registrations.print_record(registrations.list_of_azure(found) if options.azure else found)
    print(json.dumps(yaml.safe_load(text), indent=2) if options.json else text.rstrip("\n"))
    return 0


def run(
    parser: argparse.ArgumentParser, arguments: Sequence[str], show: Callable[[argparse.Namespace, Resources], int]
) -> int:
    """Record an environment, with settings changed on the command line, and return the exit code of what shows it."""
    parser.add_argument("--stack", default="dev", help="one that has a Pulumi.<stack>.yaml")
    parser.add_argument("settings", nargs="*", metavar="KEY=VALUE", help="a setting to change, such as workers=5")
    options = parser.parse_args(arguments)
    os.chdir(environments.ROOT)
    try:
        changes = _read_changes(options.settings)
        return show(options, _record(options.stack, changes))
    except (tools.ToolError, errors.ComponentError, bodies.UncoveredTypeError, costs.PriceError) as error:
        if getattr(options, "json", False):
            print(json.dumps({"error": str(error)}))
        print(f"azure-swarm: {error}", file=sys.stderr)
        return 1


def _record(stack: str, changes: Mapping[str, str]) -> Resources:
    try:
        return environments.record(stack, changes).resources
    except errors.ComponentError as error:
        # The program knows of no other place than the stack's file.
        for key in changes:
            in_file = f"Pulumi.{stack}.yaml: {environments.PROJECT}:{key}"
            if re.match(rf"{re.escape(in_file)}\b", str(error)):
                raise tools.ToolError(f"{_COMMAND_LINE}{key}{str(error).removeprefix(in_file)}") from error
        raise


def _read_changes(words: Sequence[str]) -> dict[str, str]:
    """Read settings of the form key=value; a value that is no text is JSON, as in Pulumi's own config."""
    for word in words:
        if "=" not in word:
            raise tools.ToolError(f"{_COMMAND_LINE}a setting must be KEY=VALUE, such as workers=5; got '{word}'.")
    changes = dict(word.partition("=")[::2] for word in words)
    settings_files.require_declared(_COMMAND_LINE, changes)
    return changes


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Holds the rules of policy/ against the record of an environment: `python -m tools.policy --stack prod`.

The same rules as `pulumi up --policy-pack policy`, where Pulumi cannot start packs or nothing is to be deployed.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Sequence

from arm import registrations
from components import errors
from policy import rule, rules
from tools import environments, record

__all__ = ["find_breaches", "main"]


def find_breaches(resources: Iterable[registrations.Registration]) -> list[rule.Breach]:
    """List the breaches of all rules in a record."""
    given = [rule.Resource(one.token, one.name, one.inputs) for one in registrations.sort(resources)]
    return rule.find_breaches(given, rules.RULES, rules.STACK_RULES)


def main(arguments: Sequence[str]) -> int:
    """Print the breaches and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.policy", description=__doc__)
    record.add_arguments(parser)
    options = parser.parse_args(arguments)
    os.chdir(environments.ROOT)
    try:
        found = find_breaches(environments.record(options.stack, record.read_changes(options.settings)).resources)
    except errors.ComponentError as error:
        print(f"azure-swarm: {error}", file=sys.stderr)
        return 1
    for breach in found:
        print(breach)
    count = len(rules.RULES) + len(rules.STACK_RULES)
    print(f"Rules: {count}; breaches in {options.stack}: {len(found)}.", file=sys.stderr)
    return int(bool(found) and options.stack not in rules.ADVISORY_STACKS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Holds the rules of policy/ against the record of an environment: `python -m tools.policy --stack prod`.

The same rules as `pulumi up --policy-pack policy`, where Pulumi cannot start packs or nothing is to be deployed.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence

from arm import registrations
from policy import rule, rules
from tools import record

__all__ = ["find_breaches", "main"]


def find_breaches(resources: Iterable[registrations.Registration]) -> list[rule.Breach]:
    """List the breaches of all rules in a record."""
    given = [rule.Resource(one.token, one.name, one.inputs) for one in registrations.sort(resources)]
    return rule.find_breaches(given, rules.RULES, rules.STACK_RULES)


def main(arguments: Sequence[str]) -> int:
    """Print the breaches and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.policy", description=__doc__)
    return record.run(parser, arguments, _print_breaches)


def _print_breaches(options: argparse.Namespace, recorded: record.Resources) -> int:
    found = find_breaches(recorded)
    for breach in found:
        print(breach)
    count = len(rules.RULES) + len(rules.STACK_RULES)
    print(f"Rules: {count}; breaches in {options.stack}: {len(found)}.", file=sys.stderr)
    return int(bool(found) and options.stack not in rules.ADVISORY_STACKS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

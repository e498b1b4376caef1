"""Prints what an environment costs a month: `python -m tools.cost --stack prod [workerSize=Standard_D8as_v5 ...]`."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

import yaml

from arm import costs
from components import errors
from tools import environments, record

__all__ = ["main", "read_prices"]

_PRICES = environments.ROOT / "docs/prices.yaml"


def read_prices() -> dict[str, Any]:
    """Read the prices."""
    prices: dict[str, Any] = yaml.safe_load(_PRICES.read_text(encoding="utf-8"))
    return prices


def main(arguments: Sequence[str]) -> int:
    """Print the costs and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.cost", description=__doc__)
    record.add_arguments(parser)
    options = parser.parse_args(arguments)
    os.chdir(environments.ROOT)
    prices = read_prices()
    try:
        found = environments.record(options.stack, record.read_changes(options.settings)).resources
        listed = costs.list_costs(found, prices)
    except (errors.ComponentError, costs.PriceError) as error:
        print(f"azure-swarm: {error}", file=sys.stderr)
        return 1
    print(costs.print_table({options.stack: listed}, prices["currency"]), end="")
    print(f"Prices of {prices['date']}, {prices['region']}, from docs/prices.yaml.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Prints what an environment costs a month: `python -m tools.cost --stack prod [workerSize=Standard_D8as_v5 ...]`."""

import argparse
import dataclasses
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from arm import costs
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
    parser.add_argument("--json", action="store_true", help="print JSON in place of a table")
    return record.run(parser, arguments, _print_costs)


def _print_costs(options: argparse.Namespace, found: record.Resources) -> int:
    prices = read_prices()
    listed = costs.list_costs(found, prices)
    if options.json:
        print(_make_json(options.stack, listed, prices))
        return 0
    print(costs.print_table({options.stack: listed}, prices["currency"]), end="")
    print(f"Prices of {prices['date']}, {prices['region']}, from docs/prices.yaml.", file=sys.stderr)
    return 0


def _make_json(stack: str, listed: Sequence[costs.Cost], prices: Mapping[str, Any]) -> str:
    told = {key: str(prices[key]) for key in ("currency", "date", "region")}
    rows = [dataclasses.asdict(one) for one in listed]
    return json.dumps({"stack": stack, **told, "month": sum(one.month for one in listed), "costs": rows}, indent=2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

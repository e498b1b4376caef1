"""What settings must be together, each refusal with its key."""

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from components import networks

if TYPE_CHECKING:
    from stacks import settings


class Refusal(NamedTuple):
    """A setting that does not fit the others: its key, what is expected, what came."""

    key: str
    expected: str
    got: object


def list_refusals(chosen: "settings.Settings") -> Iterator[Refusal]:
    """Lists what does not fit."""
    return itertools.chain(_list_of_operators(chosen))


def _list_of_operators(chosen: "settings.Settings") -> Iterator[Refusal]:
    expected = networks.expected_apart(chosen.operator_networks)
    if expected is not None:
        yield Refusal("operatorNetworks", expected, list(chosen.operator_networks))

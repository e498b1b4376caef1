"""Why a command finds nothing to work on: nothing is there, or not yet all of it, or the state lost it. Pure."""

from collections.abc import Mapping
from typing import Any

from tools import facts, recorded

__all__ = ["explain", "explain_no_swarm"]

_UP = "'make up' with the same STACK and CLOUD"


def explain(stack: str, outputs: Mapping[str, Any] | None, export: Mapping[str, Any] | None) -> str:
    """Says why there are no outputs, or no hosts."""
    if named := len((outputs or {}).get("nodes") or []):
        told = facts.count(named, "node")
        return f"The state of stack {stack} has no swarm, though its outputs name {told}: {_UP} takes over what lives."
    if made := recorded.count_made(export):
        there = f"{facts.count(made, 'resource')} {'is' if made == 1 else 'are'} there"
        return f"An up of stack {stack} was not finished: {there}; {_UP} goes on, 'make down' removes what is there."
    return f"Nothing is up on stack {stack}: {_UP} brings it up."


def explain_no_swarm(
    stack: str, outputs: Mapping[str, Any] | None, export: Mapping[str, Any] | None, target: str
) -> str:
    """Says why a command that is about the nodes of a swarm finds none."""
    nodes = (outputs or {}).get("nodes") or []
    if nodes and all(node["role"] == "host" for node in nodes):
        return f"Stack {stack} is one host without a swarm (composeTarget host), and 'make {target}' is for swarms."
    return explain(stack, outputs, export)

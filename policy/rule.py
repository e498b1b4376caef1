"""What a rule is: a name, a description that says what and why, and a function that finds what breaks it."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Inputs = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Resource:
    """What a program asks for: type, name and inputs in wire names."""

    token: str
    name: str
    inputs: Inputs


@dataclasses.dataclass(frozen=True)
class Rule:
    """A rule about every resource of some types; `find` gives one sentence, what to change, for each breach."""

    name: str
    description: str
    tokens: Sequence[str]
    find: Callable[[Inputs], Iterable[str]]


@dataclasses.dataclass(frozen=True)
class StackRule:
    """A rule about all resources of a stack together."""

    name: str
    description: str
    find: Callable[[Sequence[Resource]], Iterable[str]]


@dataclasses.dataclass(frozen=True)
class Breach:
    """One breach of a rule; of no single resource when `resource` is empty."""

    rule: str
    resource: str
    sentence: str

    def __str__(self) -> str:
        where = f" {self.resource}:" if self.resource else ""
        return f"[{self.rule}]{where} {self.sentence}"


def find_breaches(
    resources: Sequence[Resource], rules: Iterable[Rule], stack_rules: Iterable[StackRule]
) -> list[Breach]:
    """Lists the breaches of all rules."""
    single = [
        Breach(rule.name, one.name, sentence)
        for rule in rules
        for one in resources
        if one.token in rule.tokens
        for sentence in rule.find(one.inputs)
    ]
    return [*single, *(Breach(rule.name, "", text) for rule in stack_rules for text in rule.find(resources))]


def look_up(inputs: Any, path: str) -> Any:
    """Gives what stands at a dotted path, or None."""
    for key in path.split("."):
        inputs = inputs.get(key) if isinstance(inputs, Mapping) else None
    return inputs


def list_of(inputs: Inputs, path: str) -> list[Any]:
    """Gives the list at a dotted path; empty when there is none."""
    return list(look_up(inputs, path) or [])

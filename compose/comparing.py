"""Compares two projects by what they mean: order where the engine has none is no difference, nor are defaults."""

import dataclasses
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from compose import converting, service_specs

_SECOND = 1_000_000_000
_ROLLING = {
    "Parallelism": 1,
    "Delay": 0,
    "FailureAction": "pause",
    "Monitor": 5 * _SECOND,
    "MaxFailureRatio": 0,
    "Order": "stop-first",
}
_DEFAULTS: dict[str, Any] = {
    "UpdateConfig": _ROLLING,
    "RollbackConfig": _ROLLING,
    "RestartPolicy": {"Condition": "any", "Delay": 5 * _SECOND, "MaxAttempts": 0, "Window": 0},
    "Replicated": {"Replicas": 1},
    "EndpointSpec": {"Mode": "vip"},
    "ContainerSpec": {"StopGracePeriod": 10 * _SECOND},
    "Ports": {"Protocol": "tcp", "PublishMode": "ingress"},
}
"""What the engine fills in, by the field that holds it."""

_ALWAYS = {"TaskTemplate": ("RestartPolicy",), "": ("UpdateConfig", "RollbackConfig", "EndpointSpec")}
"""Objects that the engine makes of defaults alone."""

_KEYS: dict[str, Callable[[Any], str]] = {
    "Env": lambda item: item.partition("=")[0],
    "Mounts": lambda item: item.get("Target", ""),
    "Networks": lambda item: item.get("Target", ""),
    "Configs": lambda item: item.get("File", {}).get("Name", "runtime"),
    "Secrets": lambda item: item.get("File", {}).get("Name", ""),
    "Ports": lambda item: f"{item.get('PublishedPort', 0)}:{item.get('TargetPort', 0)}/{item.get('Protocol', 'tcp')}",
    "Ulimits": lambda item: str(item["Name"]),
}
"""Lists without an order, by what tells their entries apart."""

_SETS = frozenset(("Aliases", "Constraints", "Hosts", "GenericResources", "CapabilityAdd", "CapabilityDrop"))
"""Lists without an order whose entries are what they are."""

_HIDDEN = frozenset(("secrets",))
_SECTIONS = ("services", "networks", "configs", "secrets", "volumes")


@dataclasses.dataclass(frozen=True)
class Difference:
    """One path that differs; None stands for what one side does not have. Data is shown as its hash, or hidden."""

    path: str
    old: Any
    new: Any

    def __str__(self) -> str:
        return f"{self.path}: {_show(self.old)} -> {_show(self.new)}"

    def masked(self) -> "Difference":
        """Gives the difference without what is hidden."""
        old, new = (_show(side) if isinstance(side, _Hidden) else side for side in (self.old, self.new))
        return Difference(self.path, old, new)


def compare(old: converting.Converted, new: converting.Converted) -> list[Difference]:
    """Lists where two projects differ, sorted by path; what one side has not at all is one difference."""
    differences = [found for section in _SECTIONS for found in _compare_section(section, old, new)]
    return sorted(differences, key=lambda difference: difference.path)


def _compare_section(section: str, old: converting.Converted, new: converting.Converted) -> Iterator[Difference]:
    before, after = getattr(old, section), getattr(new, section)
    for name in {**before, **after}:
        path = f"{section}.{name}"
        if name not in after:
            yield Difference(path, "declared", None)
        elif name not in before:
            yield Difference(path, None, "declared")
        else:
            yield from _compare_specs(path, _prepare(section, before[name]), _prepare(section, after[name]))


def _compare_specs(path: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Difference]:
    before, after = dict(_flatten(path, "", old)), dict(_flatten(path, "", new))
    for key in {**before, **after}:
        if before.get(key) != after.get(key):
            yield Difference(key, before.get(key), after.get(key))


def _prepare(section: str, spec: dict[str, Any]) -> dict[str, Any]:
    if section != "services":
        return _hide(section, spec)
    # The label only repeats the image as it was written.
    labels = {key: value for key, value in spec["Labels"].items() if key != service_specs.IMAGE_LABEL}
    return dict(_fill("", {**spec, "Labels": labels}))


def _hide(section: str, spec: dict[str, Any]) -> dict[str, Any]:
    if "Data" not in spec:
        return spec
    digest = hashlib.sha256(spec["Data"].encode()).hexdigest()[:10]
    return {**spec, "Data": _Hidden(digest) if section in _HIDDEN else f"sha256:{digest}"}


class _Hidden(str):
    """A value that is compared and not shown."""


def _fill(field: str, value: Any) -> Any:
    """Adds the engine's defaults."""
    if isinstance(value, list):
        return [_fill(field, item) for item in value]
    if not isinstance(value, dict):
        return value
    missing: dict[str, Any] = {name: {} for name in _ALWAYS.get(field, ()) if name not in value}
    filled = {name: _fill(name, item) for name, item in {**missing, **value}.items()}
    return {**_DEFAULTS.get(field, {}), **filled}


def _flatten(path: str, field: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _flatten(f"{path}.{name}", name, item)
        if field in ("Global", "GlobalJob", "ReplicatedJob"):
            yield path, "chosen"
    elif isinstance(value, list) and field in _KEYS:
        for item in value:
            yield from _flatten(f"{path}[{_KEYS[field](item)}]", "", item)
    elif isinstance(value, list):
        if value:
            yield path, sorted(value, key=str) if field in _SETS else value
    else:
        yield path, value


def _show(value: Any) -> str:
    if value is None:
        return "(absent)"
    return "(hidden)" if isinstance(value, _Hidden) else str(value)

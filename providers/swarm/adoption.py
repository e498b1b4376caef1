"""What writing a ServiceSpec over a live one changes, in words. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from providers import kit
from providers.swarm import specs

_TEMPLATE = "TaskTemplate"
_LONGEST = 120
# A variable of such a name is shown without its value.
_HIDDEN = re.compile(r"\.Env\[[^]]*(PASS|SECRET|TOKEN|KEY|CREDENTIAL)", re.IGNORECASE)


def list_changes(wanted: Mapping[str, Any], live: Mapping[str, Any]) -> list[str]:
    """Lists the paths at which a live ServiceSpec says something else than the wanted one, each with both values."""
    after = {**wanted, _TEMPLATE: {"ForceUpdate": 0, **specs.keep_template(wanted[_TEMPLATE], live[_TEMPLATE])}}
    before = specs.observe(after, {key: value for key, value in live.items() if key != "Name" or key in after})
    before[_TEMPLATE]["ForceUpdate"] = live[_TEMPLATE].get("ForceUpdate", 0)
    old, new = dict(_flatten(before, "", "")), dict(_flatten(after, "", ""))
    return [
        f"{path}: {_show(path, old.get(path))} -> {_show(path, new.get(path))}"
        for path in sorted({**old, **new})
        if _bare(old.get(path)) != _bare(new.get(path))
    ]


def describe(name: str, changes: Sequence[str]) -> str:
    """Tells what taking over a service changes: a sentence, then a line for each path."""
    if not changes:
        return f"Service '{name}' is there already and is taken over as it is; no task starts anew."
    restarts = any(change.startswith(f"{_TEMPLATE}.") for change in changes)
    what = "its tasks start anew" if restarts else "no task starts anew"
    return "\n  ".join([f"Service '{name}' is there already and is taken over; {what}. What changes:", *changes])


def _flatten(value: Any, path: str, key: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for name, item in value.items():
            yield from _flatten(item, f"{path}.{name}" if path else name, name)
    elif isinstance(value, list) and key in specs.KEYED:
        for item in value:
            yield from _flatten(item, f"{path}[{specs.KEYED[key](item)}]", "")
    else:
        yield path, value


def _bare(value: Any) -> Any:
    return None if specs.is_empty(value) else value


def _show(path: str, value: Any) -> str:
    if value is not None and _HIDDEN.search(path):
        return "(hidden)"
    text = "(absent)" if value is None else "(not known yet)" if kit.contains_unknown(value) else repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."

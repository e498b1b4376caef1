"""Evaluates the expressions of a template as Azure does, as far as the templates here go."""

import base64
import hashlib
import types
from collections.abc import Mapping
from typing import Any

from arm import identifiers

_LOCATION = "westeurope"
_MONTH = "2026-11-01"


def evaluate(template: Mapping[str, Any], group: str, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Gives the resources of a template that is deployed to a group with these parameters."""
    calls = _make_calls(template, group, given)
    return [_evaluate(one, calls) for one in template["resources"]]


def evaluate_text(template: Mapping[str, Any], group: str, text: str) -> Any:
    """Gives the value of one expression, with the parameters at their defaults."""
    return _evaluate(text, _make_calls(template, group, {}))


def _make_calls(template: Mapping[str, Any], group: str, given: Mapping[str, Any]) -> dict[str, Any]:
    def get_parameter(name: str) -> Any:
        declared = template["parameters"][name]
        return given[name] if name in given else _evaluate(declared["defaultValue"], calls)

    def make_id(kind: str, *names: str) -> str:
        provider, *kinds = kind.split("/")
        assert len(kinds) == len(names), (kind, names)
        rest = "/".join(f"{word}/{name}" for word, name in zip(kinds, names, strict=True))
        return f"/subscriptions/{identifiers.SUBSCRIPTION}/resourceGroups/{group}/providers/{provider}/{rest}"

    calls: dict[str, Any] = {
        "parameters": get_parameter,
        "resourceId": make_id,
        "extensionResourceId": lambda scope, kind, name: f"{scope}/providers/{kind}/{name}",
        "variables": lambda name: _evaluate(template["variables"][name], calls),
        "resourceGroup": lambda: types.SimpleNamespace(location=_LOCATION, id=f"/resourceGroups/{group}"),
        "subscription": lambda: types.SimpleNamespace(tenantId=identifiers.SUBSCRIPTION),
        "uniqueString": lambda *words: hashlib.sha256("/".join(words).encode()).hexdigest()[:13],
        "utcNow": {"yyyy-MM-01": _MONTH}.__getitem__,
        "map": lambda items, make: [make(one) for one in items],
        "lambda_": lambda name, form: lambda one: {key: one if v == _mark(name) else v for key, v in form.items()},
        "lambdaVariables": _mark,
        "createObject": lambda *words: dict(zip(words[::2], words[1::2], strict=True)),
        "format": lambda form, *words: form.format(*words),
        "base64": lambda text: base64.b64encode(text.encode()).decode(),
        "empty": lambda value: not value,
        "if_": lambda condition, yes, no: yes if condition else no,
    }
    return calls


def _evaluate(value: Any, calls: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _evaluate(item, calls) for key, item in value.items()}
    if isinstance(value, list):
        return [_evaluate(item, calls) for item in value]
    if not isinstance(value, str) or not value.startswith("["):
        return value
    if value.startswith("[["):
        return value[1:]
    # The language of templates is a part of Python's, but for two words.
    text = value[1:-1].replace("if(", "if_(").replace("lambda(", "lambda_(")
    return eval(text, {"__builtins__": {}}, calls)


def _mark(name: str) -> str:
    """Stands for a lambda's variable until its value is known."""
    return f"<{name}>"

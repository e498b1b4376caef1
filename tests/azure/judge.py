"""Judges bodies by Microsoft's own models; run by the Python that has them: bodies on stdin, findings on stdout.

It reads the tables that the models carry: the keys of the wire, types, what is required, read-only or bounded, and the
enums in the annotations of their constructors.

azure-mgmt-msi, -authorization and -storage are not among the packages: the program makes no identity, no role
assignment and no storage account. Of azure-native's authorization it makes locks, whose models are in
azure-mgmt-resource. A type that it makes and that has no model here fails the tests.
"""

import importlib
import inspect
import json
import pathlib
import re
import sys
from collections.abc import Callable
from typing import Any

# By type of azure-native: the module of the release's models and the model. Where the API version differs from what
# azure-native sends, the package has no nearer one.
MODELS = {
    "azure-native:resources:DeploymentStackAtResourceGroup": (
        "azure.mgmt.resource.deploymentstacks.v2024_03_01.models",
        "DeploymentStack",
    ),
    "azure-native:resources:ResourceGroup": ("azure.mgmt.resource.resources.v2024_07_01.models", "ResourceGroup"),
    "azure-native:network:VirtualNetwork": ("azure.mgmt.network.models", "VirtualNetwork"),
    "azure-native:network:Subnet": ("azure.mgmt.network.models", "Subnet"),
    "azure-native:network:NetworkSecurityGroup": ("azure.mgmt.network.models", "NetworkSecurityGroup"),
    "azure-native:network:PublicIPAddress": ("azure.mgmt.network.models", "PublicIPAddress"),
    "azure-native:network:NatGateway": ("azure.mgmt.network.models", "NatGateway"),
    "azure-native:network:LoadBalancer": ("azure.mgmt.network.models", "LoadBalancer"),
    "azure-native:network:BastionHost": ("azure.mgmt.network.models", "BastionHost"),
    "azure-native:network:NetworkInterface": ("azure.mgmt.network.models", "NetworkInterface"),
    "azure-native:compute:AvailabilitySet": ("azure.mgmt.compute.v2024_11_01.models", "AvailabilitySet"),
    "azure-native:compute:VirtualMachine": ("azure.mgmt.compute.v2024_11_01.models", "VirtualMachine"),
    "azure-native:containerregistry:Registry": ("azure.mgmt.containerregistry.v2023_01_01_preview.models", "Registry"),
    "azure-native:authorization:ManagementLockByScope": (
        "azure.mgmt.resource.locks.v2016_09_01.models",
        "ManagementLockObject",
    ),
    "azure-native:keyvault:Vault": ("azure.mgmt.keyvault.v2024_11_01.models", "VaultCreateOrUpdateParameters"),
    "azure-native:keyvault:Secret": ("azure.mgmt.keyvault.v2024_11_01.models", "SecretCreateOrUpdateParameters"),
    "azure-native:consumption:Budget": ("azure.mgmt.consumption.models", "Budget"),
    "azure-native:operationalinsights:Workspace": ("azure.mgmt.loganalytics.models", "Workspace"),
    "azure-native:monitor:DiagnosticSetting": (
        "azure.mgmt.monitor.v2021_05_01_preview.models",
        "DiagnosticSettingsResource",
    ),
}
_PLAIN = {
    "str": str,
    "int": int,
    "bool": bool,
    "object": object,
    "iso-8601": str,
    "bytearray": str,
    "base64": str,
    "unix-time": int,
}
# Azure takes other values too; the list of sizes, by its own description, ends with those of 2019.
_OPEN = ("VirtualMachineSizeTypes",)
_API_VERSION = re.compile(r"""["']api-version["'], ["']([\w-]+)["']""")
_ENUM = re.compile(r"_models\.(\w+)")


def judge(token: str, body: Any) -> list[str]:
    """Lists what is wrong with a body, each with its path."""
    module, name = MODELS[token]
    return _judge_model(importlib.import_module(module), name, body, "")


def find_version(token: str) -> str:
    """Gives the API version of the models that judge a type."""
    module = MODELS[token][0]
    found = re.search(r"v(\d{4})_(\d\d)_(\d\d)(_preview)?", module)
    if found is not None:
        return "-".join(found.groups()[:3]) + ("-preview" if found[4] else "")
    # A package of one version says it in each operation only.
    package = importlib.import_module(module.removesuffix(".models"))
    files = sorted(pathlib.Path(package.__path__[0], "operations").glob("*_operations.py"))
    found_in = (_API_VERSION.search(file.read_text(encoding="utf-8")) for file in files)
    return next(one[1] for one in found_in if one is not None)


def _judge_model(models: Any, name: str, value: Any, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: must be an object"]
    model = getattr(models, name)
    attributes = {entry["key"].replace("\\.", "~"): (key, entry["type"]) for key, entry in model._attribute_map.items()}
    found = _judge_keys(models, model, attributes, value, "", path)
    for key, (attribute, _) in attributes.items():
        rules = model._validation.get(attribute, {})
        if rules.get("required") and not rules.get("readonly") and _look_up(value, key) is None:
            found.append(f"{path}.{key}: is required")
    return found


def _judge_keys(models: Any, model: Any, attributes: Any, value: dict[str, Any], prefix: str, path: str) -> list[str]:
    found = []
    for key, item in value.items():
        wire, where = f"{prefix}{key}", f"{path}.{prefix}{key}"
        if wire in attributes:
            attribute, kind = attributes[wire]
            found += _judge_attribute(models, model, attribute, kind, item, where)
        elif isinstance(item, dict) and any(known.startswith(f"{wire}.") for known in attributes):
            found += _judge_keys(models, model, attributes, item, f"{wire}.", path)
        else:
            found.append(f"{where}: is unknown")
    return found


def _judge_attribute(models: Any, model: Any, attribute: str, kind: str, value: Any, where: str) -> list[str]:
    rules = model._validation.get(attribute, {})
    if rules.get("readonly"):
        return [f"{where}: is read-only"]
    return [
        *_judge_value(models, kind, value, where),
        *_judge_enum(models, model, attribute, value, where),
        *_judge_bounds(rules, value, where),
    ]


def _judge_value(models: Any, kind: str, value: Any, where: str) -> list[str]:
    if kind.startswith("["):
        if not isinstance(value, list):
            return [f"{where}: must be a list"]
        lists = (_judge_value(models, kind[1:-1], item, f"{where}[{index}]") for index, item in enumerate(value))
        return [one for found in lists for one in found]
    if kind.startswith("{"):
        return _judge_map(models, kind[1:-1], value, where)
    if kind == "float":
        return [] if isinstance(value, (int, float)) else [f"{where}: must be of type float"]
    if kind not in _PLAIN:
        return _judge_model(models, kind, value, where)
    fits = isinstance(value, _PLAIN[kind]) and not (kind == "int" and isinstance(value, bool))
    return [] if fits else [f"{where}: must be of type {kind}"]


def _judge_map(models: Any, kind: str, value: Any, where: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{where}: must be an object"]
    return [one for key, item in value.items() for one in _judge_value(models, kind, item, f"{where}.{key}")]


def _judge_enum(models: Any, model: Any, attribute: str, value: Any, where: str) -> list[str]:
    parameter = inspect.signature(model.__init__).parameters.get(attribute)
    named = _ENUM.findall(str(parameter.annotation)) if parameter is not None else []
    kinds = [getattr(models, name) for name in named]
    enums = [kind for kind in kinds if not hasattr(kind, "_attribute_map") and kind.__name__ not in _OPEN]
    if not enums:
        return []
    allowed = sorted(member.value for kind in enums for member in kind)
    values = value if isinstance(value, list) else [value]
    return [f"{where}: must be one of {', '.join(allowed)}" for one in values if one not in allowed]


def _judge_bounds(rules: Any, value: Any, where: str) -> list[str]:
    measures: dict[str, Callable[[Any], bool]] = {
        "max_length": lambda bound: isinstance(value, str) and len(value) > bound,
        "min_length": lambda bound: isinstance(value, str) and len(value) < bound,
        "max_items": lambda bound: isinstance(value, list) and len(value) > bound,
        "min_items": lambda bound: isinstance(value, list) and len(value) < bound,
        "maximum": lambda bound: isinstance(value, (int, float)) and value > bound,
        "minimum": lambda bound: isinstance(value, (int, float)) and value < bound,
        "pattern": lambda bound: isinstance(value, str) and re.match(bound, value) is None,
    }
    return [
        f"{where}: must keep {name} {rules[name]}"
        for name, breaks in measures.items()
        if name in rules and breaks(rules[name])
    ]


def _look_up(value: Any, key: str) -> Any:
    for word in key.split("."):
        value = value.get(word.replace("~", ".")) if isinstance(value, dict) else None
    return value


def main() -> None:
    """Judges a list of [type, body], and tells the API version by which each type was judged."""
    given = json.load(sys.stdin)
    versions = {token: find_version(token) for token in sorted({token for token, _ in given})}
    json.dump({"findings": [judge(token, body) for token, body in given], "versions": versions}, sys.stdout)


if __name__ == "__main__":
    main()

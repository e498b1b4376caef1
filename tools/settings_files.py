"""The settings files as they are written: Pulumi.yaml with the schema, Pulumi.<stack>.yaml with what differs.

Pulumi does without a section or a namespace that nobody knows, and says nothing: a misspelt one is refused here.
"""

import difflib
import ipaddress
import json
import pathlib
from collections.abc import Collection, Iterable
from typing import Any

import yaml

import tools

__all__ = [
    "PROJECT",
    "ROOT",
    "list_applications",
    "read",
    "read_all",
    "read_schema",
    "require_declared",
    "require_operator",
]

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROJECT = "azure-swarm"
_NAMESPACES = (PROJECT, "azure-native", "docker", "pulumi", "swarm")
# Pulumi's own (ProjectStack in its sdk/go/common/workspace).
_SECTIONS = ("config", "encryptedkey", "encryptionsalt", "environment", "secretsprovider")
_KINDS = {list: "a list", str: "a text", int: "a number", float: "a number", bool: "true or false"}
# Where the operator of the sandbox stands (docs/adr/0005-sandbox-addresses.md).
_SANDBOX_OPERATOR = ipaddress.IPv4Address("203.0.113.10")
_SANDBOX_NETWORK = ipaddress.IPv4Network("203.0.113.0/24")


class _Loader(yaml.SafeLoader):
    """Takes a day for text, as Pulumi does."""

    yaml_implicit_resolvers = {
        letter: [one for one in resolvers if one[0] != "tag:yaml.org,2002:timestamp"]
        for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read_schema(folder: pathlib.Path = ROOT) -> dict[str, dict[str, Any]]:
    """Gives the schema of the settings."""
    return _read_config(folder / "Pulumi.yaml", "the schema of the settings")[1]


def read(stack: str, folder: pathlib.Path = ROOT) -> dict[str, Any]:
    """Gives the settings in a stack's file; those of other namespaces than ours with theirs. Raises `ToolError`."""
    file = folder / f"Pulumi.{stack}.yaml"
    sections, config = _read_config(file, f"the settings of stack {stack}")
    for section in sections:
        if section not in _SECTIONS:
            raise _refuse(file.name, section, f"must be {_list(_SECTIONS)}", _guess(section, _SECTIONS))
    settings = {_name(file.name, key): value for key, value in config.items()}
    require_declared(f"{file.name}: {PROJECT}:", (key for key in settings if ":" not in key), folder)
    return settings


def read_all(stack: str, folder: pathlib.Path = ROOT) -> dict[str, Any]:
    """Gives the settings of a stack: the defaults of the schema, then its own. Raises `ToolError`."""
    return {**{key: entry["default"] for key, entry in read_schema(folder).items()}, **read(stack, folder)}


def list_applications(stack: str, folder: pathlib.Path = ROOT) -> dict[str, str]:
    """Gives the compose files of a stack by application; none where that cannot be told."""
    try:
        value = read_all(stack, folder)["applications"]
        words = json.loads(value) if isinstance(value, str) else value
        return dict(word.split("=", 1) for word in words)
    except (AttributeError, TypeError, ValueError, tools.ToolError):
        return {}


def require_declared(where: str, keys: Iterable[str], folder: pathlib.Path = ROOT) -> None:
    """Refuses a key that the schema lacks, with what stands before it. Raises `ToolError`."""
    declared = read_schema(folder)
    for key in keys:
        if key not in declared:
            what = "is no setting that Pulumi.yaml declares"
            raise tools.ToolError(f"{where}{key} {what}{_hint(_guess(key, declared))}")


def require_operator(stack: str, cloud: str, folder: pathlib.Path = ROOT) -> None:
    """Refuses networks of operators that shut the operator out of the hosts. Raises `ToolError`."""
    settings = read_all(stack, folder)
    networks = _read_networks(settings["operatorNetworks"])
    # Private hosts are reached from inside of their network, which is let in whatever stands there.
    if networks is None or settings["access"] == "private":
        return
    where, got = f"Pulumi.{stack}.yaml: {PROJECT}:operatorNetworks must", f"got {[str(one) for one in networks]}"
    if cloud == "sandbox" and not any(_SANDBOX_OPERATOR in one for one in networks):
        raise tools.ToolError(
            f"{where} hold {_SANDBOX_OPERATOR} in the sandbox, where its operator stands; {got}: "
            f"add {_SANDBOX_NETWORK}, from which nobody comes on Azure."
        )
    if cloud == "azure" and all(_is_of_sandbox(one) for one in networks):
        raise tools.ToolError(f"{where} have the network that you come from on Azure; {got}, which is the sandbox's.")


def _is_of_sandbox(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    return isinstance(network, ipaddress.IPv4Network) and network.subnet_of(_SANDBOX_NETWORK)


def _read_networks(value: Any) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network] | None:
    """Reads networks; None for what the program refuses itself."""
    try:
        return [ipaddress.ip_network(one) for one in (json.loads(value) if isinstance(value, str) else value)]
    except (TypeError, ValueError):
        return None


def _read_config(file: pathlib.Path, what: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Reads a file: its sections, and of these the settings."""
    sections = _require_map(file.name, "all of it", "a map with the section config", _load(file, what))
    return sections, _require_map(file.name, "config", "a map of settings", sections.get("config"))


def _load(file: pathlib.Path, what: str) -> Any:
    try:
        return yaml.load(file.read_text(encoding="utf-8"), _Loader)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise tools.ToolError(f"{file.name}: it must be there, with {what}; {reason}.") from error
    except UnicodeDecodeError as error:
        raise tools.ToolError(f"{file.name}: it must be text in UTF-8.") from error
    except yaml.MarkedYAMLError as error:
        place = f"line {error.problem_mark.line + 1}" if error.problem_mark else "it"
        raise tools.ToolError(f"{file.name}: {place} must be YAML: {error.problem}.") from error
    except yaml.YAMLError as error:
        reason = getattr(error, "reason", str(error))
        raise tools.ToolError(f"{file.name}: it must be YAML: {reason}.") from error


def _require_map(file: str, who: str, expected: str, value: Any) -> dict[str, Any]:
    if isinstance(value, dict | None):
        return {str(key): one for key, one in (value or {}).items()}
    raise tools.ToolError(f"{file}: {who} must be {expected}; got {_KINDS.get(type(value), 'something else')}.")


def _name(file: str, key: str) -> str:
    """Gives the name of a setting, without our own namespace."""
    namespace, _, name = key.rpartition(":")
    # An older form of Pulumi's keys.
    namespace = namespace.removesuffix(":config")
    if namespace in ("", PROJECT):
        return name
    if namespace not in _NAMESPACES:
        close = _guess(namespace, _NAMESPACES)
        raise _refuse(file, key, f"must be of {_list(_NAMESPACES)}", close and f"{close}:{name}")
    return f"{namespace}:{name}"


def _refuse(file: str, who: str, expected: str, close: str) -> tools.ToolError:
    return tools.ToolError(f"{file}: {who} {expected}{_hint(close)}")


def _guess(word: str, known: Collection[str]) -> str:
    return next(iter(difflib.get_close_matches(word, known, 1)), "")


def _hint(close: str) -> str:
    return f"; is {close} meant?" if close else "."


def _list(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}"

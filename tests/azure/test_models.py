"""What goes to Azure, judged by Microsoft's own models."""

import base64
import copy
import functools
import json
import pathlib
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from arm import bodies, registrations, resource_types
from tests.unit.stacks import environments as deployed

_JUDGE = pathlib.Path(__file__).with_name("judge.py")
_NETWORK = "azure-native:network:"
_MACHINE = "azure-native:compute:VirtualMachine"
_GROUP = f"{_NETWORK}NetworkSecurityGroup"
_BALANCER = f"{_NETWORK}LoadBalancer"
_REGISTRY = "azure-native:containerregistry:Registry"
# Where the release with the nearest models has another API version than azure-native sends.
_OTHER_VERSIONS = {
    "azure-native:resources:ResourceGroup": ("2024-03-01", "2024-07-01"),
    "azure-native:authorization:ManagementLockByScope": ("2020-05-01", "2016-09-01"),
    "azure-native:consumption:Budget": ("2024-08-01", "2021-10-01"),
    "azure-native:operationalinsights:Workspace": ("2023-09-01", "2025-07-01"),
}
_Judge = Callable[[list[tuple[str, Any]]], dict[str, Any]]


@pytest.fixture(scope="session")
def judge(find_python: Callable[[str], pathlib.Path]) -> _Judge:
    """Gives what judges a list of types and bodies."""
    python = find_python("models")

    def ask(given: list[tuple[str, Any]]) -> dict[str, Any]:
        command = [python, _JUDGE]
        done = subprocess.run(command, input=json.dumps(given), stdout=subprocess.PIPE, text=True, check=True)
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    return ask


@functools.cache
def _list_registrations(name: str) -> list[registrations.Registration]:
    return registrations.list_of_azure(deployed.deploy_judged(name).resources)


@functools.cache
def _make_body(token: str) -> dict[str, Any]:
    return bodies.make_body(next(one for one in _list_registrations("everything") if one.token == token))


def _mutate(token: str, path: str, value: Any) -> tuple[str, Any]:
    """Gives a body of prod with everything and one value changed; None takes it away."""
    body = copy.deepcopy(_make_body(token))
    *outer, last = path.split("/")
    place: Any = body
    for word in outer:
        place = place[int(word)] if isinstance(place, list) else place[word]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return token, body


def test_microsofts_models_find_nothing_wrong_with_any_environment(judge: _Judge) -> None:
    asked = [one for name in deployed.JUDGED for one in _list_registrations(name)]
    answer = judge([(one.token, bodies.make_body(one)) for one in asked])

    assert [(one.name, found) for one, found in zip(asked, answer["findings"], strict=True) if found] == []


def test_the_models_are_of_the_version_that_is_sent(judge: _Judge) -> None:
    versions = judge([(token, {}) for token in resource_types.TYPES])["versions"]

    sent = {token: known.api_version for token, known in resource_types.TYPES.items()}
    assert {token: (sent[token], versions[token]) for token in sent if sent[token] != versions[token]} == (
        _OTHER_VERSIONS
    )


_MUTATIONS: list[tuple[str, str, Any, str]] = [
    # Unknown properties.
    (_MACHINE, "properties/osprofile", {}, ".properties.osprofile: is unknown"),
    (_MACHINE, "vmSize", "Standard_B1s", ".vmSize: is unknown"),
    (_MACHINE, "properties/osProfile/adminUser", "a", ".properties.osProfile.adminUser: is unknown"),
    (_GROUP, "properties/securityRules/0/priority", 100, ".properties.securityRules[0].priority: is unknown"),
    (_BALANCER, "properties/probes/0/properties/path", "/", ".properties.probes[0].properties.path: is unknown"),
    (_REGISTRY, "adminUserEnabled", True, ".adminUserEnabled: is unknown"),
    # Wrong types.
    (_MACHINE, "zones", "1", ".zones: must be a list"),
    (
        _MACHINE,
        "properties/storageProfile/osDisk/diskSizeGB",
        "64",
        ".properties.storageProfile.osDisk.diskSizeGB: must be of type int",
    ),
    (_MACHINE, "properties/hardwareProfile", "big", ".properties.hardwareProfile: must be an object"),
    (_REGISTRY, "properties/adminUserEnabled", "true", ".properties.adminUserEnabled: must be of type bool"),
    (_GROUP, "tags", [], ".tags: must be an object"),
    (_GROUP, "tags/project", 1, ".tags.project: must be of type str"),
    # Missing ones that are required.
    (_MACHINE, "location", None, ".location: is required"),
    (_REGISTRY, "sku", None, ".sku: is required"),
    (
        _MACHINE,
        "properties/storageProfile/osDisk/createOption",
        None,
        ".properties.storageProfile.osDisk.createOption: is required",
    ),
    # Values that no enum has.
    (
        _MACHINE,
        "properties/storageProfile/osDisk/deleteOption",
        "delete",
        ".properties.storageProfile.osDisk.deleteOption: must be one of Delete, Detach",
    ),
    (
        _GROUP,
        "properties/securityRules/0/properties/access",
        "Permit",
        ".properties.securityRules[0].properties.access: must be one of Allow, Deny",
    ),
    (_BALANCER, "sku/name", "Free", ".sku.name: must be one of Basic, Gateway, Standard"),
    # Read-only ones.
    (_MACHINE, "properties/vmId", "1", ".properties.vmId: is read-only"),
    (_REGISTRY, "properties/loginServer", "a.azurecr.io", ".properties.loginServer: is read-only"),
    (f"{_NETWORK}VirtualNetwork", "properties/resourceGuid", "1", ".properties.resourceGuid: is read-only"),
]


def test_the_models_find_every_kind_of_mistake(judge: _Judge) -> None:
    answer = judge([_mutate(token, path, value) for token, path, value, _ in _MUTATIONS])

    assert answer["findings"] == [[sentence] for _, _, _, sentence in _MUTATIONS]


def test_every_property_that_is_sent_is_judged(judge: _Judge) -> None:
    tokens = sorted({one.token for one in _list_registrations("everything")})
    paths = [(token, path) for token in tokens for path in _list_leaves(_make_body(token), "")]
    answer = judge([_mutate(token, path, {"no": ["such"]}) for token, path in paths])

    passed = [pair for pair, found in zip(paths, answer["findings"], strict=True) if not found]
    assert passed == []
    assert len(paths) > 100


def _list_leaves(value: Any, path: str) -> list[str]:
    items = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else None
    if items is None or (isinstance(value, list) and not isinstance(value[0], dict)):
        return [path.removeprefix("/")]
    return [leaf for key, item in items for leaf in _list_leaves(item, f"{path}/{key}")]


def test_the_bodies_are_not_of_empty_machines() -> None:
    custom_data = _make_body(_MACHINE)["properties"]["osProfile"]["customData"]

    assert base64.b64decode(custom_data).startswith(b"#cloud-config\n")

"""Every case of the stack dialect on a real engine, deployed by `docker stack deploy` and by our specs: both inspected.

What differs without a meaning is brought into one form, each with its reason, in `_normal_service` and
`_normal_network`.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

import compose
from tests.sandbox.compose import real_engine
from tests.unit.compose import case_files

_IMAGE = real_engine.find_image()
# An engine without the plugin of a secret's driver looks for it for 15 seconds and refuses: that shows nothing.
_ELSEWHERE = "client-only/"
_TAKEN = [case for case in case_files.read_cases(compose.Dialect.STACK) if not case.refused]
_CASES = [case for case in _TAKEN if not case.name.startswith(_ELSEWHERE)]
_STACK = case_files.STACK
_KINDS = ("services", "networks", "configs", "secrets")

pytestmark = pytest.mark.skipif(_IMAGE is None, reason="needs an engine and the image of the sandbox's nodes")


@pytest.fixture(scope="module")
def engine() -> Iterator[real_engine.RealEngine]:
    with real_engine.RealEngine(str(_IMAGE)) as started:
        yield started


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.name)
def test_both_ways_make_the_same_objects(engine: real_engine.RealEngine, case: case_files.Case) -> None:
    converted = compose.convert(case.load())
    _create_external(engine, converted)

    by_docker = _observe(engine, lambda: _deploy(engine, case))
    by_us = _observe(engine, lambda: _create(engine, converted))

    assert by_us == by_docker
    assert by_docker.get("refused", []) == case.engine


def _observe(engine: real_engine.RealEngine, make: Any) -> dict[str, Any]:
    """Makes the objects, inspects them and removes them; the engine's words of a refusal are what is observed, too."""
    try:
        make()
        return _inspect(engine)
    except real_engine.Refused as refused:
        return {"refused": [str(refused)]}
    except subprocess.CalledProcessError as failed:
        return {"refused": [failed.stderr.strip().rpartition("Error response from daemon: ")[2]]}
    finally:
        engine.remove_stack(_STACK)


def _deploy(engine: real_engine.RealEngine, case: case_files.Case) -> None:
    arguments = [argument for file in case.files for argument in ("-c", str(file))]
    environment = {"HOME": "/home/somebody", "PATH": os.defpath, "DOCKER_HOST": engine.address, **case.environment}
    command = [str(real_engine.CLIENT), "stack", "deploy", "--detach=true", "--resolve-image", "never", *arguments]
    subprocess.run([*command, _STACK], env=environment, capture_output=True, text=True, check=True)


def _create(engine: real_engine.RealEngine, converted: compose.Converted) -> None:
    for network in converted.networks.values():
        engine.post("/networks/create", network)
    for config in converted.configs.values():
        engine.post("/configs/create", config)
    for secret in converted.secrets.values():
        engine.post("/secrets/create", secret)
    ids = _ids(engine)
    for spec in converted.services.values():
        engine.post("/services/create", _resolve(spec, ids))


def _ids(engine: real_engine.RealEngine) -> dict[str, str]:
    """Maps references such as `net:x` to ids; a network that is none of the swarm keeps its name."""
    networks = {f"net:{found['Name']}": found["Id"] for found in engine.get("/networks") if found["Scope"] == "swarm"}
    configs = {f"config:{found['Spec']['Name']}": found["ID"] for found in engine.get("/configs")}
    secrets = {f"secret:{found['Spec']['Name']}": found["ID"] for found in engine.get("/secrets")}
    return networks | configs | secrets


def _resolve(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _resolve(item, ids) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolve(item, ids) for item in value]
    if isinstance(value, str) and value.startswith("net:"):
        return ids.get(value, value.removeprefix("net:"))
    return ids.get(value, value) if isinstance(value, str) else value


def _create_external(engine: real_engine.RealEngine, converted: compose.Converted) -> None:
    """Creates the external objects that services refer to, once."""
    known = _ids(engine)
    declared = {spec["Name"] for kind in _KINDS for spec in getattr(converted, kind).values()}
    for reference in _references(converted.services):
        kind, _, name = reference.partition(":")
        if reference in known or name in declared or name in ("host", "bridge", "none"):
            continue
        if kind == "net":
            engine.post("/networks/create", {"Name": name, "Driver": "overlay"})
        else:
            engine.post(f"/{kind}s/create", {"Name": name, "Data": "eA=="})


def _references(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {found for item in value.values() for found in _references(item)}
    if isinstance(value, list):
        return {found for item in value for found in _references(item)}
    is_one = isinstance(value, str) and value.startswith(("net:", "config:", "secret:"))
    return {value} if is_one else set()


def _inspect(engine: real_engine.RealEngine) -> dict[str, Any]:
    names = {identifier: reference for reference, identifier in _ids(engine).items()}
    mine = {kind: [found for found in engine.get(f"/{kind}") if _is_mine(found)] for kind in _KINDS}
    return {
        "services": {found["Spec"]["Name"]: _normal_service(found["Spec"], names) for found in mine["services"]},
        "networks": {found["Name"]: _normal_network(found) for found in mine["networks"]},
        "configs": {found["Spec"]["Name"]: found["Spec"] for found in mine["configs"]},
        "secrets": {found["Spec"]["Name"]: found["Spec"] for found in mine["secrets"]},
    }


def _is_mine(found: dict[str, Any]) -> bool:
    labels = found.get("Labels") or found.get("Spec", {}).get("Labels") or {}
    return bool(labels.get("com.docker.stack.namespace") == _STACK)


def _normal_service(spec: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """Names objects instead of their ids, which are new each time, and sorts what Docker sorts in no stable way."""
    named = _rename(spec, names)
    container = named["TaskTemplate"]["ContainerSpec"]
    for kind in ("Configs", "Secrets"):
        if kind in container:
            container[kind] = sorted(container[kind], key=lambda item: json.dumps(item, sort_keys=True))
    if "Ports" in named.get("EndpointSpec", {}):
        named["EndpointSpec"]["Ports"].sort(key=lambda port: json.dumps(port, sort_keys=True))
    # Two nulls and an object without any: neither sets a privilege.
    privileges = {key: value for key, value in container.get("Privileges", {}).items() if value is not None}
    return {
        **named,
        "TaskTemplate": {**named["TaskTemplate"], "ContainerSpec": {**container, "Privileges": privileges}},
    }


def _rename(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _rename(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_rename(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


def _normal_network(found: dict[str, Any]) -> dict[str, Any]:
    """Keeps what was asked for: numbers and addresses that the engine gives out, of 10.0.0.0/8, differ each time."""
    options = {key: value for key, value in (found["Options"] or {}).items() if not key.endswith("vxlanid_list")}
    kept = {key: found[key] for key in ("Name", "Driver", "Internal", "Attachable", "Labels", "EnableIPv6")}
    pools = [pool["Subnet"] for pool in found["IPAM"]["Config"] or [] if not pool["Subnet"].startswith("10.")]
    return {**kept, "Options": options, "IPAM": [found["IPAM"]["Driver"], pools]}

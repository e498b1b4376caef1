"""The contract between schema, program-side classes and the table in ARCHITECTURE.md; and what classes register."""

import pathlib
import re
from collections.abc import Callable, Iterable
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks, rpc

from providers.swarm import plugin, sdk
from providers.swarm.sdk import _wire

_SCHEMA = plugin.make_plugin().schema()
_KINDS = {token.rsplit(":", 1)[1]: shape for token, shape in _SCHEMA["resources"].items()}
_ARCHITECTURE = pathlib.Path(__file__).parents[2] / "ARCHITECTURE.md"
_MENTION = re.compile(r"`([a-z]\w*)(\*?)`(?: \(([^)]*)\))?")


def _wire_names(names: Any) -> set[str]:
    return {_wire.make_wire_name(name) for name in names}


def _outputs_of(kind: str) -> set[str]:
    return set(_KINDS[kind]["properties"]) - set(_KINDS[kind]["inputProperties"])


def _secrets_of(kind: str, names: set[str]) -> set[str]:
    return {name for name in names if _KINDS[kind]["properties"][name].get("secret")}


def _rows(names: Iterable[str]) -> list[list[str]]:
    lines = [line for line in _ARCHITECTURE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [[row[0].strip("`"), *row[1:]] for row in cells if row[0].strip("`") in names]


def _mentions(cell: str) -> dict[str, tuple[bool, bool]]:
    found = [(name, bool(star), note or "") for name, star, note in _MENTION.findall(cell)]
    return {name: (star, "secret" in note) for name, star, note in found if not note.startswith("none")}


@pytest.mark.parametrize("kind", _KINDS)
def test_the_arguments_of_a_class_are_the_inputs_of_its_type(kind: str) -> None:
    args = getattr(sdk, f"{kind}Args")

    assert _wire_names(args.__required_keys__) == set(_KINDS[kind]["requiredInputs"])
    assert _wire_names(args.__required_keys__ | args.__optional_keys__) == set(_KINDS[kind]["inputProperties"])


@pytest.mark.parametrize("kind", _KINDS)
def test_the_attributes_of_a_class_are_the_outputs_of_its_type(kind: str) -> None:
    assert _wire_names(getattr(sdk, kind).__annotations__) == _outputs_of(kind)


def test_the_arguments_of_the_provider_are_its_configuration() -> None:
    known = sdk.ProviderArgs.__required_keys__ | sdk.ProviderArgs.__optional_keys__

    assert _wire_names(known) == set(_SCHEMA["provider"]["inputProperties"])


def test_every_type_has_a_class_and_every_class_is_exported() -> None:
    kinds = {name for name in sdk.__all__ if not name.endswith("Args")} - {"Provider"}

    assert kinds == set(_KINDS)
    assert set(sdk.__all__) == {*kinds, *(f"{kind}Args" for kind in kinds), "Provider", "ProviderArgs"}


@pytest.mark.parametrize("row", _rows(_KINDS), ids=lambda row: row[0])
def test_the_table_of_resources_is_the_schema(row: list[str]) -> None:
    kind, inputs, outputs = row[0], _mentions(row[1]), _mentions(row[2])

    shape = _KINDS[kind]["inputProperties"]
    assert inputs == {
        name: (bool(one.get("willReplaceOnChanges")), bool(one.get("secret"))) for name, one in shape.items()
    }
    assert set(outputs) == _outputs_of(kind)
    assert {name for name, (_, secret) in outputs.items() if secret} == _secrets_of(kind, _outputs_of(kind))


@pytest.mark.parametrize("row", _rows(plugin.CONFIG), ids=lambda row: row[0])
def test_the_table_of_the_configuration_is_the_schema(row: list[str]) -> None:
    kinds = {"str": "string", "int": "integer", "list": "array"}
    words = re.findall(r"\w+", row[1])

    shape = _SCHEMA["provider"]["inputProperties"][row[0]]
    assert next(kinds[word] for word in words if word in kinds) == shape["type"]
    assert ("secret" in words) is bool(shape.get("secret"))


def test_the_tables_name_every_type_and_every_key() -> None:
    named = {row[0] for row in _rows({*_KINDS, *plugin.CONFIG})}

    # RandomToken came after the table.
    assert named | {"RandomToken"} == {*_KINDS, *plugin.CONFIG}


class _Mocks(pulumi.runtime.Mocks):
    """Answers with outputs that tell whose they are."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        outputs = {name: f"{args.name}-{name}" for name in _outputs_of(args.typ.rsplit(":", 1)[1])}
        return f"{args.name}-id", {**args.inputs, **outputs, "cpus": 2.0, "memoryBytes": 4.0}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], None]:
        return {}, None


class _Recorder(mocks.MockMonitor):
    """Remembers what a program registers."""

    def __init__(self) -> None:
        super().__init__(_Mocks())
        self.requests: dict[str, Any] = {}

    def RegisterResource(self, request: Any) -> Any:
        self.requests[request.name] = request
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]

    def inputs(self, name: str) -> dict[str, Any]:
        return dict(rpc.deserialize_properties(self.requests[name].object))


def _deploy(program: Callable[[], object]) -> _Recorder:
    recorder = _Recorder()
    pulumi.runtime.set_mocks(_Mocks(), preview=False, monitor=recorder)
    pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]
    return recorder


_ARGS: dict[str, dict[str, Any]] = {
    "SshAuthority": {"comment": "c"},
    "HostIdentity": {"name": "h", "principals": ["h"], "ca_private_key": "k"},
    "RandomToken": {"length": 20},
    "HostReady": {"host": "h"},
    "Swarm": {"managers": ["m"]},
    "SwarmNode": {"host": "h", "role": "worker"},
    "Network": {"name": "n", "spec": {}},
    "Config": {"name": "c", "data": "YQ=="},
    "Secret": {"name": "s", "data": "YQ=="},
    "Service": {"name": "s", "spec": {}, "registry_auth": {"username": "u", "password": "p"}},
}


@pytest.mark.parametrize("kind", _KINDS)
def test_a_class_registers_its_wire_names_secrets_and_no_version(kind: str) -> None:
    recorder = _deploy(lambda: getattr(sdk, kind)("it", _ARGS[kind]))

    assert set(recorder.inputs("it")) == _wire_names(_ARGS[kind])
    assert set(recorder.requests["it"].additionalSecretOutputs) == _secrets_of(kind, _outputs_of(kind))
    assert recorder.requests["it"].version == ""


@pytest.mark.parametrize("kind", _KINDS)
def test_the_attributes_of_a_resource_are_the_outputs_that_came(kind: str) -> None:
    seen: dict[str, Any] = {}

    def program() -> pulumi.Output[None]:
        made = getattr(sdk, kind)("it", _ARGS[kind])
        outputs = {name: getattr(made, name) for name in getattr(sdk, kind).__annotations__}
        return pulumi.Output.all(**outputs).apply(seen.update)

    _deploy(program)

    expected = {name: f"it-{_wire.make_wire_name(name)}" for name in getattr(sdk, kind).__annotations__}
    numbers = {"cpus": 2, "memory_bytes": 4} if kind == "HostReady" else {}
    assert seen == expected | numbers
    assert all(type(seen[name]) is int for name in numbers)


@pytest.mark.parametrize(
    ("kind", "field"), [("HostIdentity", "ca_private_key"), ("Secret", "data"), ("Service", "registry_auth")]
)
def test_secret_inputs_are_secret_whatever_was_given(kind: str, field: str) -> None:
    secret: list[bool] = []

    async def program() -> None:
        made = getattr(sdk, kind)("it", _ARGS[kind])
        secret.append(await made.__dict__[_wire.make_wire_name(field)].is_secret())

    _deploy(program)

    assert secret == [True]


def test_the_keys_of_nested_values_stay_and_outputs_in_them_are_resolved() -> None:
    labels = {"timeout_seconds": "1", "network_id": "2"}

    def program() -> None:
        network = sdk.Network("net", {"name": "n", "spec": {"Labels": labels}})
        template = {"Networks": [{"Target": network.network_id}], "ContainerSpec": {"Labels": labels}}
        sdk.Service("web", {"name": "web", "spec": {"TaskTemplate": template}, "timeout_seconds": 5})

    recorder = _deploy(program)

    assert recorder.inputs("net")["spec"] == {"Labels": labels}
    assert recorder.inputs("web") == {
        "name": "web",
        "spec": {"TaskTemplate": {"Networks": [{"Target": "net-networkId"}], "ContainerSpec": {"Labels": labels}}},
        "timeoutSeconds": 5,
    }


def test_the_options_of_the_caller_are_kept() -> None:
    opts = pulumi.ResourceOptions(additional_secret_outputs=["caPublicKey"])

    recorder = _deploy(lambda: sdk.SshAuthority("it", {"comment": "c"}, opts))

    assert set(recorder.requests["it"].additionalSecretOutputs) == {"caPublicKey", "caPrivateKey", "operatorPrivateKey"}
    assert opts.additional_secret_outputs == ["caPublicKey"]

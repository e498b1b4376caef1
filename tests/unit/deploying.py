"""Runs a program against mocks, set for that one run, and gives what it registered as it crossed the wire."""

import contextlib
import contextvars
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from unittest import mock

import pulumi
import pytest
from pulumi.runtime import config, mocks, rpc

from components import errors

GROUP_ID = "/subscriptions/s/resourceGroups/g"
DIGEST = "sha256:" + "d" * 64


@dataclasses.dataclass(frozen=True)
class Recorded:
    """One registration: inputs in wire names with secrets unwrapped, their paths in `secrets`; others by name."""

    token: str
    name: str
    inputs: dict[str, Any]
    secrets: frozenset[str]
    parent: str
    depends_on: list[str]
    deleted_with: str
    protect: bool
    provider: str


@dataclasses.dataclass
class Deployed:
    """What a program registered, what it exported, and the names of the exports that are secret.

    Registrations cross the wire in parallel, so their order says nothing; `depends_on` does.
    """

    resources: list[Recorded]
    outputs: dict[str, Any]
    secret_outputs: set[str]

    def all(self, token: str) -> list[Recorded]:
        """Lists the resources of a type, by name."""
        found = [resource for resource in self.resources if resource.token == token]
        return sorted(found, key=lambda resource: resource.name)

    def names(self, token: str) -> list[str]:
        """Lists the names of the resources of a type."""
        return [resource.name for resource in self.all(token)]

    def one(self, token: str, name: str | None = None) -> Recorded:
        """Gives the one resource of a type, or of a type and a name."""
        found = [resource for resource in self.all(token) if name in (None, resource.name)]
        assert len(found) == 1, f"{len(found)} resources {token} {name}: {self.names(token)}"
        return found[0]


def deploy(
    program: Callable[[], object],
    *,
    project: str = "azure-swarm",
    stack: str = "dev",
    organization: str = "organization",
    preview: bool = False,
    settings: Mapping[str, str] | None = None,
) -> Deployed:
    """Runs `program` to its end. In a preview the mocks give no computed value, so it is unknown to the program."""
    deployed = Deployed([], {}, set())

    def run() -> None:
        monitor = _Monitor(_Mocks(preview), deployed.resources)
        config.set_all_config({f"{project}:{key}": value for key, value in (settings or {}).items()})
        mocks.set_mocks(
            monitor.mocks, project=project, stack=stack, preview=preview, monitor=monitor, organization=organization
        )
        with _without_aliases():
            mocks.test(lambda: _run_and_read(program, deployed))()  # type: ignore[no-untyped-call]

    # A context of its own: mocks, settings and the root resource do not reach the next test.
    contextvars.Context().run(run)
    return deployed


def refusal_of(program: Callable[[], object], *, stack: str = "dev", settings: Mapping[str, str] | None = None) -> str:
    """Gives the sentence by which a component refuses what `program` asks for."""
    with pytest.raises(errors.ComponentError) as refused:
        deploy(program, stack=stack, settings=settings)
    return str(refused.value)


@contextlib.contextmanager
def _without_aliases() -> Iterator[None]:
    """Leaves out the aliases by which azure-native knows a resource in each of sixty API versions.

    The SDK makes tasks of every one; without them a program runs in a fifth of the time, and nothing recorded differs.
    """
    with mock.patch("pulumi.resource.collapse_alias_to_urn", return_value=""):
        with mock.patch("pulumi.runtime.resource.prepare_aliases", _prepare_no_aliases):
            yield


async def _prepare_no_aliases(*_: object) -> list[object]:
    return []


def _run_and_read(program: Callable[[], object], deployed: Deployed) -> pulumi.Output[Any]:
    program()
    root = pulumi.runtime.settings.get_root_resource()
    assert isinstance(root, pulumi.runtime.stack.Stack)
    exports = {name: pulumi.Output.from_input(value) for name, value in root.outputs.items()}
    return pulumi.Output.all(*(_read(name, value, deployed) for name, value in exports.items()))


def _read(name: str, output: pulumi.Output[Any], deployed: Deployed) -> pulumi.Output[None]:
    async def keep() -> None:
        if await output.is_secret():
            deployed.secret_outputs.add(name)
        deployed.outputs[name] = await output.future()

    return pulumi.Output.from_input(keep())


class _Monitor(mocks.MockMonitor):
    """Keeps every registration before the mocks answer it."""

    def __init__(self, answers: mocks.Mocks, kept: list[Recorded]) -> None:
        super().__init__(answers)
        self._kept = kept

    def RegisterResource(self, request: Any) -> Any:
        if request.type != "pulumi:pulumi:Stack":
            self._kept.append(_record(request))
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]


def _record(request: Any) -> Recorded:
    inputs = rpc.deserialize_properties(request.object)
    return Recorded(
        token=request.type,
        name=request.name,
        inputs=_unwrap(inputs),
        secrets=frozenset(_secret_paths(inputs, "")),
        parent=_name(request.parent),
        depends_on=sorted(_name(urn) for urn in request.dependencies),
        deleted_with=_name(request.deletedWith),
        protect=request.protect,
        provider=_name(request.provider.rpartition("::")[0]),
    )


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _unwrap(value: Any) -> Any:
    if rpc.is_rpc_secret(value):
        return _unwrap(rpc.unwrap_rpc_secret(value))
    if isinstance(value, Mapping):
        return {key: _unwrap(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_unwrap(item) for item in value]
    return value


def _secret_paths(value: Any, path: str) -> Iterator[str]:
    if rpc.is_rpc_secret(value):
        yield path
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _secret_paths(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _secret_paths(item, f"{path}[{index}]")


class _Mocks(mocks.Mocks):
    """Answers as the providers do: ids of ARM's shape, computed names, addresses, keys and digests."""

    def __init__(self, preview: bool) -> None:
        self._preview = preview

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        inputs = _unwrap(args.inputs)
        if self._preview:
            return None, inputs
        computed = _COMPUTED.get(args.typ, _nothing)(args.name, inputs)
        return f"{GROUP_ID}/{args.name}", {"name": _arm_name(inputs), **inputs, **computed}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        if args.token == "azure-native:containerregistry:listRegistryCredentials":
            return {"username": "account", "passwords": [{"name": "password", "value": "pass-word"}]}, []
        raise AssertionError(f"No answer to {args.token}.")


def _nothing(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    return {}


def _arm_name(inputs: dict[str, Any]) -> str:
    keys = [key for key in inputs if key.endswith("Name") and key not in ("resourceGroupName", "virtualNetworkName")]
    return str(inputs[keys[0]]) if keys else "g"


def _group(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    return {"name": inputs["resourceGroupName"]}


def _network(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    return {"name": inputs["virtualNetworkName"]}


def _public_address(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    return {"ipAddress": f"address-of-{name}"}


def _interface(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    return {"ipConfigurations": [{**inputs["ipConfigurations"][0], "privateIPAddress": f"address-of-{name}"}]}


def _registry(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    return {"loginServer": f"{inputs['registryName']}.azurecr.io"}


def _authority(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        "caPublicKey": "ssh-ed25519 CA comment",
        "caPrivateKey": "ca-private",
        "operatorPublicKey": "ssh-ed25519 OPERATOR",
        "operatorPrivateKey": "operator-private",
    }


def _identity(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    return {"publicKey": f"public-{name}", "privateKey": f"private-{name}", "certificate": f"certificate-{name}"}


_COMPUTED: dict[str, Callable[[str, dict[str, Any]], dict[str, Any]]] = {
    "azure-native:resources:ResourceGroup": _group,
    "azure-native:network:VirtualNetwork": _network,
    "azure-native:network:PublicIPAddress": _public_address,
    "azure-native:network:NetworkInterface": _interface,
    "azure-native:containerregistry:Registry": _registry,
    "swarm:index:SshAuthority": _authority,
    "swarm:index:HostIdentity": _identity,
    "swarm:index:HostReady": lambda name, inputs: {"engineVersion": "28.0", "cpus": 2, "memoryBytes": 4_000_000_000},
    "swarm:index:RandomToken": lambda name, inputs: {"value": f"token-{name}"},
    "swarm:index:Network": lambda name, inputs: {"networkId": f"id-of-{inputs['name']}"},
    "swarm:index:Config": lambda name, inputs: {
        "configId": f"id-of-{inputs['name']}",
        "objectName": f"{inputs['name']}-hash",
    },
    "swarm:index:Secret": lambda name, inputs: {
        "secretId": f"id-of-{inputs['name']}",
        "objectName": f"{inputs['name']}-hash",
    },
    "docker:index/remoteImage:RemoteImage": lambda name, inputs: {"imageId": f"image-{name}"},
    "docker:index/registryImage:RegistryImage": lambda name, inputs: {"sha256Digest": DIGEST},
}

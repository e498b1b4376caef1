"""What providers answer when a program runs without them: ids of ARM's shape, names, addresses, keys and digests."""

from collections.abc import Callable, Mapping
from typing import Any

from pulumi.runtime import mocks, rpc

from arm import identifiers

__all__ = ["DIGEST", "Answers", "unwrap"]

DIGEST = "sha256:" + "d" * 64


class Answers(mocks.Mocks):
    """Answers as the providers do. In a preview it gives no computed value, so it is unknown to the program."""

    def __init__(self, preview: bool) -> None:
        self._preview = preview

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Answers a registration."""
        inputs = unwrap(args.inputs)
        if self._preview:
            return None, inputs
        computed = _COMPUTED.get(args.typ, _nothing)(args.name, inputs)
        return identifiers.make_id(args.typ, inputs) or args.name, {"name": _arm_name(inputs), **inputs, **computed}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """Answers a function."""
        if args.token == "azure-native:containerregistry:listRegistryCredentials":
            return {"username": "account", "passwords": [{"name": "password", "value": "pass-word"}]}, []
        if args.token == "azure-native:authorization:getClientConfig":
            return dict.fromkeys(("tenantId", "subscriptionId", "clientId", "objectId"), identifiers.SUBSCRIPTION), []
        raise AssertionError(f"No answer to {args.token}.")


def unwrap(value: Any) -> Any:
    """Takes the marks of secrets away, and gives whole numbers back, which the wire has as floats."""
    if rpc.is_rpc_secret(value):
        return unwrap(rpc.unwrap_rpc_secret(value))
    if isinstance(value, Mapping):
        return {key: unwrap(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unwrap(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


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

"""The plugin that stands in for azure-native: its functions, its types, and the process that serves them."""

import os
import pathlib
import sys

from providers import kit
from providers.kit.resource import Plain
from sandbox import home
from sandbox.docker_world import DockerWorld
from sandbox.store import Store
from sandbox.types import make_types
from sandbox.types.registry import Registry
from sandbox.world import NoWorld

# That of the SDK in requirements.txt.
_VERSION = "3.29.0"
_CREDENTIALS = "azure-native:containerregistry:listRegistryCredentials"


def make_plugin(place: home.Home, *, record_only: bool = False) -> kit.Plugin:
    """Makes the provider of one sandbox."""
    store = Store(place.folder / "resources.json")
    docker = DockerWorld(place, store)
    types = make_types(store, NoWorld() if record_only else docker, place)
    registry = next(one for one in types if isinstance(one, Registry))
    covered = ", ".join(sorted(one.token for one in types))
    return kit.Plugin(
        name="azure-native",
        version=_VERSION,
        types=types,
        invoke={_CREDENTIALS: registry.list_credentials, "azure-native:authorization:getClientConfig": _client_config},
        close=docker.close,
        uncovered=lambda token: f"The sandbox does not cover '{token}'; it covers {covered}.",
    )


async def _client_config(_arguments: Plain) -> Plain:
    nobody = home.SUBSCRIPTION
    return {"subscriptionId": nobody, "tenantId": nobody, "clientId": nobody, "objectId": nobody}


if __name__ == "__main__":
    checkout = pathlib.Path(__file__).resolve().parents[1]
    only = os.environ.get("SANDBOX_RECORD_ONLY") == "1"
    kit.serve(make_plugin(home.find_home(os.environ, checkout), record_only=only), sys.argv[1:])

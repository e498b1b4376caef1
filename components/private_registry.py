"""A private registry (Azure Container Registry) and the account by which images are pushed and pulled."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_azure_native.containerregistry as containerregistry
import pulumi_docker as docker

from components import checks, inputs, machine, naming, network


class PrivateRegistryArgs(TypedDict):
    """What a `PrivateRegistry` takes."""

    network: "network.ClusterNetwork"
    """The network whose resource group it joins."""
    registry_name: NotRequired[str]
    """The name, unique in all of Azure, 5 to 50 letters and digits; default: derived from organization, project and
    stack."""
    sku: NotRequired[str]
    """Basic, Standard or Premium; default Basic."""
    zone_redundant: NotRequired[bool]
    """Whether the images are kept in several zones, which only Premium does; fixed when it is made, default no."""
    protect: NotRequired[bool]
    """Whether the registry is protected from `destroy`; default no."""


class PrivateRegistry(pulumi.ComponentResource):
    """The registry, its account, and a Docker provider that is logged in to it."""

    server: pulumi.Output[str]
    resource_id: pulumi.Output[str]
    username: pulumi.Output[str]
    password: pulumi.Output[str]
    docker: docker.Provider

    def __init__(self, name: str, args: PrivateRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(name, args)
        registry_name = args.get("registry_name") or naming.make_global_name("cr", name)
        sku = args.get("sku", "Basic")
        facts = {"registryName": registry_name, "sku": sku}
        super().__init__("azure-swarm:components:PrivateRegistry", name, facts, opts)
        place = args["network"].place
        registry = containerregistry.Registry(
            name,
            resource_group_name=place.resource_group_name,
            location=place.location,
            registry_name=registry_name,
            sku={"name": sku},
            zone_redundancy="Enabled" if args.get("zone_redundant", False) else "Disabled",
            anonymous_pull_enabled=False,
            # docs/adr/0004-registry-account.md says why the account is on.
            admin_user_enabled=True,
            opts=self._options(place, args.get("protect", False)),
        )
        account = containerregistry.list_registry_credentials_output(
            registry_name=registry.name,
            resource_group_name=place.resource_group_name,
            opts=pulumi.InvokeOutputOptions(parent=self),
        )
        self.server = registry.login_server
        self.resource_id = registry.id
        self.username = account.apply(lambda found: str(found.username))
        self.password = pulumi.Output.secret(account.apply(lambda found: str((found.passwords or [])[0].value)))
        self.docker = docker.Provider(
            f"{name}-docker",
            registry_auth=[{"address": self.server, "username": self.username, "password": self.password}],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"server": self.server})

    def _options(self, place: machine.Place, protect: bool) -> pulumi.ResourceOptions:
        # What is protected must not go with its group in silence either.
        group = None if protect else place.resource_group
        return pulumi.ResourceOptions(
            parent=self,
            protect=protect,
            deleted_with=group,
            # Azure does not change it, and another registry would be empty.
            ignore_changes=["zoneRedundancy"],
        )


def _check(name: str, args: PrivateRegistryArgs) -> None:
    who = f"PrivateRegistry '{name}'"
    inputs.check_keys(who, args, PrivateRegistryArgs)
    inputs.check_kind(who, "network", args["network"], network.ClusterNetwork, "a ClusterNetwork")
    registry_name, sku, protect = args.get("registry_name", ""), args.get("sku", "Basic"), args.get("protect", False)
    inputs.refuse(who, "registry_name", registry_name, checks.expected_registry_name(registry_name))
    inputs.refuse(who, "sku", sku, checks.expected_registry_sku(sku))
    inputs.refuse(who, "protect", protect, checks.expected_flag(protect))
    redundant = args.get("zone_redundant", False)
    inputs.refuse(who, "zone_redundant", redundant, checks.expected_flag(redundant))
    fits = redundant is False or sku == "Premium"
    inputs.refuse(who, "zone_redundant", redundant, None if fits else f"False where sku is {sku}")

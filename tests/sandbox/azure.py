"""A sandbox of its own for tests: the plugin, driven as the engine drives it, and inputs as programs give them."""

import base64
import contextlib
import dataclasses
import fcntl
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

import grpc
import pytest
from google.protobuf import json_format
from pulumi.runtime.proto import provider_pb2

from sandbox import home
from sandbox.images import names
from sandbox.store import Store
from sandbox.types import make_types
from sandbox.world import NoWorld
from tests.provider import plugin_client
from tests.sandbox import docker
from tests.waiting import wait_for

Plain = dict[str, Any]

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
STANDARD = {"name": "Standard"}
USER = "azureuser"
BOOT_SECONDS = 60
_CODE = re.compile(r'Code="(\w+)"')
_GROUP = {"resourceGroupName": "rg"}
_PLACED = {**_GROUP, "location": "westeurope"}


@dataclasses.dataclass
class Made:
    """A resource in the state."""

    token: str
    id: str
    inputs: Plain
    state: Plain


@dataclasses.dataclass(frozen=True)
class Machine:
    """A machine: its resources, its container, and where it is reached."""

    name: str
    container: str
    address: str
    public: str
    resource: Made
    interface: Made

    def run(self, script: str) -> str:
        """Runs a script in the machine, which must succeed."""
        return docker.ask("exec", self.container, "sh", "-euc", script)

    def succeeds(self, script: str) -> bool:
        """Tells whether a script in the machine succeeds."""
        return docker.run("exec", self.container, "sh", "-euc", script).returncode == 0

    def wait_until_booted(self) -> "Machine":
        """Waits until cloud-init has done all that the user-data asks for."""
        finished = "/run/cloud-init/result.json"
        wait_for(lambda: self.succeeds(f"test -e {finished}"), BOOT_SECONDS, f"machine {self.name} is booted")
        return self


class Azure:
    """The types by their short names, and the networks and machines that several tests need."""

    def __init__(self, place: home.Home, client: plugin_client.PluginClient) -> None:
        self.home = place
        self.client = client
        # The lower half is for the subnet, the upper one for what is outside.
        third = hashlib.sha256(place.prefix.encode()).digest()[0]
        self.prefix, self.outside_prefix = f"10.123.{third}.0/25", f"10.123.{third}.128/25"
        self._tokens = {type(one).__name__: one.token for one in make_types(Store(place.folder), NoWorld(), place)}

    @property
    def label(self) -> str:
        """The label of all that this sandbox makes."""
        return f"{home.LABEL}={self.home.prefix}"

    @property
    def gateway(self) -> str:
        """The address of this machine on the subnet."""
        return self.prefix.replace(".0/25", ".1")

    def id_of(self, path: str) -> str:
        """Gives the ARM id of a resource of the network, compute or registry provider."""
        provider = {"virtualMachines": "Compute", "registries": "ContainerRegistry"}.get(path.split("/")[0], "Network")
        group = f"/subscriptions/{home.SUBSCRIPTION}/resourceGroups/rg"
        return f"{group}/providers/Microsoft.{provider}/{path}"

    def create(self, name: str, inputs: Plain) -> Made:
        """Checks and creates, as the engine does."""
        token = self._tokens[name]
        checked, failures = self.client.check(token, inputs)
        assert failures == {}
        resource_id, state = self.client.create(token, checked)
        return Made(token, resource_id, checked, state)

    def diff(self, made: Made, **changes: Any) -> Any:
        """Gives the DiffResponse of changed inputs."""
        return self.client.diff(made.token, made.id, made.state, {**made.inputs, **changes})

    def update(self, made: Made, **changes: Any) -> None:
        """Updates in place."""
        inputs = {**made.inputs, **changes}
        made.state = self.client.update(made.token, made.id, made.state, inputs)
        made.inputs = inputs

    def read(self, made: Made) -> Plain:
        """Gives the state as it is in the world; empty when the resource is gone."""
        return self.client.read(made.token, made.id, made.state)[1]

    def delete(self, made: Made) -> None:
        """Deletes."""
        self.client.delete(made.token, made.id, made.state)

    def invoke(self, token: str, **arguments: Any) -> Plain:
        """Calls a function of the provider."""
        request = provider_pb2.InvokeRequest(tok=token)
        json_format.ParseDict(arguments, request.args)
        return dict(json_format.MessageToDict(self.client.stub.Invoke(request))["return"])

    def create_group(self) -> Made:
        """Creates the resource group in which all stands."""
        return self.create("ResourceGroup", _PLACED)

    def create_security_group(self, *rules: Plain) -> Made:
        """Creates a security group."""
        inputs = {**_PLACED, "networkSecurityGroupName": "nsg", "securityRules": list(rules)}
        return self.create("NetworkSecurityGroup", inputs)

    def create_network(self) -> Made:
        """Creates the virtual network."""
        space = {"addressPrefixes": [self.prefix]}
        return self.create("VirtualNetwork", {**_PLACED, "virtualNetworkName": "net", "addressSpace": space})

    def create_subnet(self, **more: Any) -> Made:
        """Creates the subnet, behind the security group."""
        inputs = {
            **_GROUP,
            "virtualNetworkName": "net",
            "subnetName": "hosts",
            "addressPrefix": self.prefix,
            "defaultOutboundAccess": False,
            "networkSecurityGroup": {"id": self.id_of("networkSecurityGroups/nsg")},
            **more,
        }
        return self.create("Subnet", inputs)

    def create_address(self, name: str) -> Made:
        """Creates a public address."""
        inputs = {**_PLACED, "publicIpAddressName": name, "sku": STANDARD, "publicIPAllocationMethod": "Static"}
        return self.create("PublicIPAddress", inputs)

    def create_way_out(self) -> Made:
        """Creates a NAT gateway with an address."""
        address = self.create_address("way-out")
        inputs = {**_PLACED, "natGatewayName": "nat", "sku": STANDARD, "publicIpAddresses": [{"id": address.id}]}
        return self.create("NatGateway", inputs)

    def create_interface(self, name: str, *, public: Made | None = None, pools: Sequence[str] = ()) -> Made:
        """Creates an interface on the subnet."""
        configuration: Plain = {"name": "primary", "subnet": {"id": self.id_of("virtualNetworks/net/subnets/hosts")}}
        if public is not None:
            configuration["publicIPAddress"] = {"id": public.id}
        if pools:
            configuration["loadBalancerBackendAddressPools"] = [{"id": pool} for pool in pools]
        inputs = {**_PLACED, "networkInterfaceName": f"{name}-nic", "ipConfigurations": [configuration]}
        return self.create("NetworkInterface", inputs)

    def machine_inputs(self, name: str, user_data: str, key: str = "") -> Plain:
        """Gives the inputs of a machine with the interface of its name."""
        path = f"/home/{USER}/.ssh/authorized_keys"
        keys = {"ssh": {"publicKeys": [{"path": path, "keyData": key}]}} if key else {}
        return {
            **_PLACED,
            "vmName": name,
            "hardwareProfile": {"vmSize": "Standard_B2als_v2"},
            "networkProfile": {"networkInterfaces": [{"id": self.id_of(f"networkInterfaces/{name}-nic")}]},
            "osProfile": {
                "computerName": name,
                "adminUsername": USER,
                "customData": base64.b64encode(user_data.encode()).decode(),
                "linuxConfiguration": {"disablePasswordAuthentication": True, **keys},
            },
            "storageProfile": {"imageReference": {"offer": "debian-12"}, "osDisk": {"createOption": "FromImage"}},
        }

    def create_machine(
        self, name: str, user_data: str, *, public: Made | None = None, pools: Sequence[str] = (), key: str = ""
    ) -> Machine:
        """Creates interface and machine; what it boots is not waited for."""
        interface = self.create_interface(name, public=public, pools=pools)
        made = self.create("VirtualMachine", self.machine_inputs(name, user_data, key))
        return Machine(
            name=name,
            container=f"{self.home.prefix}-{name}",
            address=interface.state["ipConfigurations"][0]["privateIPAddress"],
            public=public.state["ipAddress"] if public is not None else "",
            resource=made,
            interface=interface,
        )

    def registry_inputs(self, name: str) -> Plain:
        """Gives the inputs of a registry with an account."""
        return {**_PLACED, "registryName": name, "sku": STANDARD, "adminUserEnabled": True}

    def password_of(self, registry: Made) -> str:
        """Asks for the password of a registry's account."""
        token = "azure-native:containerregistry:listRegistryCredentials"
        told = self.invoke(token, resourceGroupName="rg", registryName=registry.inputs["registryName"])
        return str(told["passwords"][0]["value"])

    def balancer_inputs(self, address: Made, *ports: int, probe: Plain | None = None) -> Plain:
        """Gives the inputs of a load balancer that sends ports to the pool `hosts`."""
        return {
            **_PLACED,
            "loadBalancerName": "lb",
            "sku": STANDARD,
            "frontendIPConfigurations": [{"name": "front", "publicIPAddress": {"id": address.id}}],
            "backendAddressPools": [{"name": "hosts"}],
            "probes": [probe] if probe else [],
            "loadBalancingRules": [make_balancing_rule(port, probe) for port in ports],
        }

    def list_left(self) -> list[str]:
        """Lists what of this sandbox is in Docker and in this machine's packet filter."""
        text = docker.filter_of_this_machine(names.services_image())
        return [*docker.list_labelled(self.label), *(line for line in text.splitlines() if self.home.chain in line)]


def make_balancing_rule(port: int, probe: Plain | None = None) -> Plain:
    """Makes a rule of a load balancer, which sends to the same port."""
    referred = {"probe": {"id": f"$self/probes/{probe['name']}"}} if probe else {}
    return {
        "name": f"port-{port}",
        "protocol": "Tcp",
        "frontendPort": port,
        "backendPort": port,
        "frontendIPConfiguration": {"id": "$self/frontendIPConfigurations/front"},
        "backendAddressPool": {"id": "$self/backendAddressPools/hosts"},
        **referred,
    }


def make_rule(priority: int, source: str, port: int, access: str = "Allow") -> Plain:
    """Makes a rule of a security group."""
    return {
        "name": f"rule-{priority}",
        "direction": "Inbound",
        "access": access,
        "protocol": "Tcp",
        "priority": priority,
        "sourceAddressPrefix": source,
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": str(port),
    }


def code_of(caught: "pytest.ExceptionInfo[grpc.RpcError]") -> str:
    """Finds Azure's code in an error."""
    found = _CODE.search(caught.value.details())
    assert found is not None, caught.value.details()
    return found.group(1)


@contextlib.contextmanager
def run_sandbox(name: str, folder: pathlib.Path) -> Iterator[Azure]:
    """Gives a sandbox whose state is in `folder`, and removes all of it, whatever becomes of the test.

    Its prefix is the same in every run of this checkout: what a killed run left is removed by the next one.
    """
    digest = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:4]
    named = {"SANDBOX_HOME": str(folder), "SANDBOX_PREFIX": f"test-{digest}-{name}"}
    environment = {**os.environ, **named, "SANDBOX_RECORD_ONLY": "0"}
    with _alone(named["SANDBOX_PREFIX"]):
        sweep(environment)
        try:
            plugin = CHECKOUT / "sandbox/bin/pulumi-resource-azure-native"
            with plugin_client.run_command([str(plugin), ""], environment) as client:
                yield Azure(home.find_home(environment, CHECKOUT), client)
        finally:
            sweep(environment)


@contextlib.contextmanager
def _alone(prefix: str) -> Iterator[None]:
    """Lets one run of this checkout's tests at a time have a prefix; a killed run holds nothing."""
    with open(pathlib.Path(tempfile.gettempdir()) / f"{prefix}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def sweep(environment: dict[str, str]) -> list[str]:
    """Removes all that a sandbox has in Docker, and gives the lines that it prints."""
    command = [sys.executable, "-m", "sandbox.sweep"]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.splitlines()

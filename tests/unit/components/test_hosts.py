"""Machines: the jump host and container hosts."""

import base64
import functools
import json
import urllib.parse
from typing import Any

import pulumi
import pytest

from components import container_host, errors, images, ingress, jump_host, machine, network
from tests.unit import deploying
from tests.unit.components import building

_VM = "azure-native:compute:VirtualMachine"
_NIC = "azure-native:network:NetworkInterface"
_NETWORK_ID = f"{deploying.GROUP_ID}/providers/Microsoft.Network"
_OWN_IMAGES = {
    "id": (
        "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/images/providers/Microsoft.Compute"
        "/galleries/ours/images/host/versions/1.0.0"
    ),
    "communityGalleryImageId": "/CommunityGalleries/ours-1/Images/host/Versions/1.0.0",
    "sharedGalleryImageId": "/SharedGalleries/ours-1/Images/host/Versions/1.0.0",
}
_SUBNET_ID = (
    "/subscriptions/aaaaaaaa-0000-0000-0000-000000000000/resourceGroups/shared/providers/Microsoft.Network/"
    "virtualNetworks/corp/subnets/swarm"
)
_DEFAULT = {"size": "Standard_B2als_v2", "image": "Debian:debian-12:12-gen2:latest", "zone": "", "disk_gib": 64}


@functools.cache
def _deploy_host(**args: Any) -> deploying.Deployed:
    return building.deploy_on_network(container_host.ContainerHost, "web-0", args)


def _list_hosts_on(**changes: Any) -> set[str]:
    """Lists the names of a host and its jump host on a network with changes."""

    def program() -> None:
        args: Any = {**building.NETWORK_ARGS, **changes}
        container_host.ContainerHost("web-0", {"network": network.ClusterNetwork("net", args)})

    return set(deploying.deploy(program).names(_VM))


def _machine(deployed: deploying.Deployed, logical_name: str) -> deploying.Recorded:
    return next(one for one in deployed.all(_VM) if one.parent == logical_name)


def _interface(deployed: deploying.Deployed, logical_name: str) -> dict[str, Any]:
    found = next(one for one in deployed.all(_NIC) if one.parent == logical_name)
    return dict(found.inputs["ipConfigurations"][0])


def test_a_host_is_named_by_its_generation_everywhere() -> None:
    deployed = _deploy_host()

    machine = _machine(deployed, "web-0")
    identity = deployed.one("swarm:index:HostIdentity", f"{machine.name}-identity").inputs
    assert machine.inputs["vmName"] == machine.inputs["osProfile"]["computerName"] == machine.name
    assert (identity["name"], identity["principals"]) == (machine.name, [machine.name])
    assert deployed.one(_NIC, f"{machine.name}-nic").inputs["networkInterfaceName"] == f"{machine.name}-nic"


def test_the_same_host_has_the_same_generation_in_a_preview() -> None:
    def program() -> None:
        container_host.ContainerHost("web-0", {"network": building.create_network()})

    previewed = deploying.deploy(program, preview=True)

    assert _machine(previewed, "web-0").name == _machine(_deploy_host(), "web-0").name


@pytest.mark.parametrize("key", _DEFAULT)
def test_a_default_that_is_given_is_no_other_generation(key: str) -> None:
    assert _machine(_deploy_host(**{key: _DEFAULT[key]}), "web-0").name == _machine(_deploy_host(), "web-0").name


@pytest.mark.parametrize(
    "change",
    [
        {"size": "Standard_D2as_v5"},
        {"image": "a:b:c:d"},
        {"zone": "2"},
        {"disk_gib": 128},
        {"disk_type": "StandardSSD_LRS"},
    ],
)
def test_what_azure_cannot_change_makes_another_generation(change: dict[str, Any]) -> None:
    assert _machine(_deploy_host(**change), "web-0").name != _machine(_deploy_host(), "web-0").name


@pytest.mark.parametrize(
    "change",
    [
        {"location": "northeurope"},
        {"host_subnet": "10.80.2.0/24"},
        {"subnet_id": _SUBNET_ID},
    ],
)
def test_a_place_to_which_azure_moves_no_machine_makes_another_generation(change: dict[str, Any]) -> None:
    before, after = _list_hosts_on(), _list_hosts_on(**change)

    assert len(before | after) == len(before) + len(after) == 4


@pytest.mark.parametrize(
    "change",
    [
        {"address_space": "10.80.0.0/15"},
        {"operator_networks": ["198.51.100.0/24"]},
        {"open_ports": [443]},
    ],
)
def test_a_network_that_changes_around_its_subnet_leaves_hosts_alone(change: dict[str, Any]) -> None:
    assert _list_hosts_on(**change) == _list_hosts_on()


def test_another_way_to_write_a_subnets_id_is_no_other_generation() -> None:
    assert _list_hosts_on(subnet_id=_SUBNET_ID.replace("corp", "CORP")) == _list_hosts_on(subnet_id=_SUBNET_ID)


@pytest.mark.parametrize("profile", ["_LINUX", "_OS_DISK"])
def test_a_constant_that_azure_cannot_change_makes_another_generation(
    profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _list_hosts_on()
    monkeypatch.setitem(getattr(machine, profile), "another", "value")

    assert len(before | _list_hosts_on()) == 4


def test_protection_is_no_other_generation() -> None:
    machine = _machine(_deploy_host(protect=True), "web-0")

    assert machine.protect
    assert machine.name == _machine(_deploy_host(), "web-0").name


def test_a_host_is_what_was_asked_for() -> None:
    deployed = _deploy_host(size="Standard_D2as_v5", image="a:b:c:d", zone="2", disk_gib=128)

    machine = _machine(deployed, "web-0").inputs
    assert machine["zones"] == ["2"]
    assert machine["hardwareProfile"] == {"vmSize": "Standard_D2as_v5"}
    assert machine["storageProfile"]["osDisk"]["diskSizeGB"] == 128
    assert machine["storageProfile"]["imageReference"] == {
        "publisher": "a",
        "offer": "b",
        "sku": "c",
        "version": "d",
    }


def test_a_host_has_no_zone_and_no_public_address_unless_asked() -> None:
    deployed = _deploy_host()

    assert "zones" not in _machine(deployed, "web-0").inputs
    assert "publicIPAddress" not in _interface(deployed, "web-0")
    assert "loadBalancerBackendAddressPools" not in _interface(deployed, "web-0")


def test_a_host_is_safe_by_default() -> None:
    machine = _machine(_deploy_host(), "web-0").inputs

    assert machine["securityProfile"]["securityType"] == "TrustedLaunch"
    assert machine["osProfile"]["linuxConfiguration"]["disablePasswordAuthentication"] is True
    assert machine["storageProfile"]["osDisk"]["deleteOption"] == "Delete"


def test_a_host_of_flatcar_reads_ignition_and_boots_what_nobody_signed() -> None:
    machine = _machine(_deploy_host(image="flatcar"), "web-0")

    config = json.loads(base64.b64decode(machine.inputs["osProfile"]["customData"]))
    assert config["passwd"]["users"][0]["sshAuthorizedKeys"] == [
        machine.inputs["osProfile"]["linuxConfiguration"]["ssh"]["publicKeys"][0]["keyData"]
    ]
    assert machine.name in urllib.parse.unquote(str(config["storage"]["files"]))
    assert "securityProfile" not in machine.inputs
    assert "plan" not in machine.inputs
    assert machine.secrets == {"osProfile"}


def test_a_host_of_flatcar_encrypts_at_the_host_all_the_same() -> None:
    machine = _machine(_deploy_host(image="flatcar", encryption_at_host=True), "web-0")

    assert machine.inputs["securityProfile"] == {"encryptionAtHost": True}


def test_a_host_of_flatcar_takes_no_engine_from_elsewhere() -> None:
    change = {"image": "flatcar", "docker_version": "28.5.1"}

    assert building.refusal_on_network(container_host.ContainerHost, "web-0", change) == (
        "ContainerHost 'web-0': docker_version must be '' where the image is Flatcar's, which brings Docker's engine; "
        "got '28.5.1'."
    )


def test_an_offer_with_a_plan_is_bought_with_it() -> None:
    offer = "flatcar-container-linux-free"
    machine = _machine(_deploy_host(image=f"kinvolk:{offer}:stable-gen2:latest"), "web-0")

    assert machine.inputs["plan"] == {"name": "stable-gen2", "product": offer, "publisher": "kinvolk"}


@pytest.mark.parametrize("key", ["id", "communityGalleryImageId", "sharedGalleryImageId"])
def test_an_image_of_ones_own_is_referred_to_by_its_id(key: str) -> None:
    machine = _machine(_deploy_host(image=_OWN_IMAGES[key]), "web-0")

    assert machine.inputs["storageProfile"]["imageReference"] == {key: _OWN_IMAGES[key]}


def test_another_way_to_write_an_image_is_no_other_generation() -> None:
    written = _machine(_deploy_host(image="debian-12"), "web-0").name

    assert written == _machine(_deploy_host(image="Debian:debian-12:12-gen2:latest"), "web-0").name


def test_encryption_at_host_is_off_unless_asked_for_and_makes_another_generation() -> None:
    plain, encrypted = (_machine(_deploy_host(**args), "web-0") for args in ({}, {"encryption_at_host": True}))

    assert "encryptionAtHost" not in plain.inputs["securityProfile"]
    assert encrypted.inputs["securityProfile"]["encryptionAtHost"] is True
    assert plain.name != encrypted.name


def test_user_data_that_azure_refuses_is_refused_here() -> None:
    with pytest.raises(errors.ComponentError) as refused:
        machine.encode_user_data("web-0", "SWMTKN-1-a")

    assert str(refused.value) == (
        "Machine 'web-0': user_data must be without join tokens, account keys and private keys other than the host's "
        "own."
    )


def test_the_user_data_holds_the_hosts_keys_and_is_secret() -> None:
    machine = _machine(_deploy_host(), "web-0")

    user_data = base64.b64decode(machine.inputs["osProfile"]["customData"]).decode()
    assert user_data.startswith("#cloud-config\n")
    assert f"private-{machine.name}-identity" in user_data
    assert "install-docker" in user_data
    assert machine.secrets == {"osProfile"}


def test_the_user_data_fits_into_what_azure_takes() -> None:
    machine = _machine(_deploy_host(), "web-0")

    assert len(base64.b64decode(machine.inputs["osProfile"]["customData"])) < 65_535


def test_a_host_of_an_ingress_is_in_its_pool() -> None:
    def program() -> None:
        net = building.create_network()
        edge = ingress.Ingress("edge", {"network": net, "ports": [80]})
        container_host.ContainerHost("web-0", {"network": net, "ingress": edge})

    pools = _interface(deploying.deploy(program), "web-0")["loadBalancerBackendAddressPools"]

    assert pools == [{"id": f"{_NETWORK_ID}/loadBalancers/edge-lb/backendAddressPools/hosts"}]


def test_only_the_jump_host_has_a_public_address() -> None:
    deployed = _deploy_host()

    jump = _machine(deployed, "net-jump").name
    assert _interface(deployed, "net-jump")["publicIPAddress"] == {"id": f"{_NETWORK_ID}/publicIPAddresses/{jump}-ip"}


def test_the_jump_host_runs_no_docker() -> None:
    machine = _machine(_deploy_host(), "net-jump").inputs

    assert "docker" not in base64.b64decode(machine["osProfile"]["customData"]).decode().replace("Docker's", "")


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"network": "net"}, "network must be a ClusterNetwork; got 'net'."),
        ({"network": None}, "network must be given; got nothing."),
        ({"ingress": "edge"}, "ingress must be an Ingress; got 'edge'."),
        ({"size": "huge"}, "size must be an Azure size such as 'Standard_B2als_v2'; got 'huge'."),
        (
            {"image": "debian"},
            f"image must be {images.EXPECTED}; got 'debian'.",
        ),
        (
            {"size": "Standard_D2ps_v5"},
            "size must be a size of x64 processors, as those of the image are; the letter p stands for Arm; "
            "got 'Standard_D2ps_v5'.",
        ),
        (
            {"size": "Standard_D2a_v4"},
            "size must be a size with the letter s, which takes Premium disks, where the disk is Premium_LRS; "
            "got 'Standard_D2a_v4'.",
        ),
        ({"zone": "4"}, "zone must be one of '', '1', '2', '3'; got '4'."),
        ({"disk_gib": 8}, "disk_gib must be a whole number from 30 to 4095; got 8."),
        ({"disk_type": "HDD"}, "disk_type must be one of StandardSSD_LRS, Premium_LRS; got 'HDD'."),
        ({"protect": 1}, "protect must be True or False; got 1."),
        ({"encryption_at_host": 0}, "encryption_at_host must be True or False; got 0."),
        ({"unattended_upgrades": 0}, "unattended_upgrades must be True or False; got 0."),
        (
            {"docker_version": "28"},
            "docker_version must be a version of Docker's engine such as '28.5.1', or '' for the distribution's; "
            "got '28'.",
        ),
        (
            {"sise": "x"},
            "every input must be one of availability_set, disk_gib, disk_type, docker_version, encryption_at_host, "
            "image, ingress, network, protect, size, unattended_upgrades, zone; got 'sise'.",
        ),
    ],
)
def test_a_wrong_input_is_refused(change: dict[str, Any], refusal: str) -> None:
    sentence = building.refusal_on_network(container_host.ContainerHost, "web-0", change)

    assert sentence == f"ContainerHost 'web-0': {refusal}"


def test_a_size_that_a_preview_does_not_know_is_refused() -> None:
    def program() -> None:
        args: Any = {"network": building.create_network(), "size": pulumi.Output.from_input("Standard_F2")}
        container_host.ContainerHost("web-0", args)

    sentence = deploying.refusal_of(program)

    assert sentence == (
        "ContainerHost 'web-0': size must be an Azure size such as 'Standard_B2als_v2'; "
        "got an output, which a preview does not know."
    )


def test_a_name_that_is_no_computer_name_is_refused() -> None:
    sentence = building.refusal_on_network(container_host.ContainerHost, "web_0", {})

    assert sentence == (
        "ContainerHost 'web_0': name must be lower-case letters, digits and '-', a letter first, "
        "at most 42 characters; got 'web_0'."
    )


@pytest.mark.parametrize(
    ("args", "refusal"),
    [
        ({}, "place must be given; got nothing."),
        ({"place": "here"}, "place must be a Place; got 'here'."),
        (
            {"zone": "1"},
            "every input must be one of disk_type, encryption_at_host, image, place, size, unattended_upgrades; "
            "got 'zone'.",
        ),
    ],
)
def test_a_jump_host_refuses_wrong_inputs(args: Any, refusal: str) -> None:
    assert deploying.refusal_of(lambda: jump_host.JumpHost("jump", args)) == f"JumpHost 'jump': {refusal}"

"""What the program of an environment declares and exports."""

import pathlib

import pytest

import compose
from stacks import names, platform
from tests.unit import deploying
from tests.unit.components import building
from tests.unit.stacks import environments

_VM = "azure-native:compute:VirtualMachine"
_NIC = "azure-native:network:NetworkInterface"
_NODE = "swarm:index:SwarmNode"
_WEB = """
version: "3.9"
services:
  web:
    image: nginx:1.27
    ports: [{ports}]
    secrets: [real, shape]
secrets:
  real: {{file: real.txt}}
  shape: {{file: shape.example}}
"""


@pytest.fixture
def application(tmp_path: pathlib.Path) -> str:
    """Gives the setting of an application `web` that publishes one port and needs two secrets."""
    (tmp_path / "real.txt").write_text("real")
    (tmp_path / "shape.example").write_text("shape")
    return f"web={_write_file(tmp_path, '80:80')}"


def _write_file(folder: pathlib.Path, ports: str) -> pathlib.Path:
    (folder / "compose.yaml").write_text(_WEB.format(ports=f'"{ports}"' if ports else ""))
    return folder / "compose.yaml"


def _logical_names(deployed: deploying.Deployed) -> list[str]:
    return deployed.names("azure-swarm:components:ContainerHost")


def _hosts_in_pool(deployed: deploying.Deployed) -> list[str]:
    return [one.parent for one in deployed.all(_NIC) if "edge-lb" in str(one.inputs["ipConfigurations"])]


def test_the_jump_host_has_an_image_of_its_own_and_the_kind_of_disk_that_hosts_have() -> None:
    deployed = environments.deploy_changed("dev", jumpImage="debian-12:0.20260914.2601", applications=[])

    (jump,) = [one.inputs["storageProfile"] for one in deployed.all(_VM) if one.parent == "net-jump"]
    assert jump["imageReference"]["version"] == "0.20260914.2601"
    assert jump["osDisk"]["managedDisk"] == {"storageAccountType": "StandardSSD_LRS"}


@pytest.mark.parametrize(
    ("stack", "hosts"),
    [
        ("dev", ["manager-0", "worker-0", "worker-1"]),
        ("test", ["manager-0", "worker-0", "worker-1"]),
        ("prod", ["manager-0", "manager-1", "manager-2", "worker-0", "worker-1", "worker-2"]),
    ],
)
def test_an_environment_has_its_hosts(stack: str, hosts: list[str]) -> None:
    assert _logical_names(environments.deploy_environment(stack)) == hosts


def test_the_bound_of_leaving_workers_reaches_the_provider() -> None:
    deployed = environments.deploy_changed("prod", maxUnavailable=3)

    assert deployed.one("pulumi:providers:swarm").inputs["maxUnavailable"] == 3


def test_the_outputs_are_the_named_ones() -> None:
    outputs = environments.deploy_environment("dev").outputs

    expected = {names.INGRESS, names.NODES, names.REGISTRY, names.STACKS, names.SSH, names.OPERATOR_KEY, names.ACCESS}
    assert set(outputs) == expected == {"ingress", "nodes", "registry", "stacks", "ssh", "operatorKey", "access"}


def test_only_the_operators_key_is_secret() -> None:
    deployed = environments.deploy_environment("dev")

    assert deployed.secret_outputs == {names.OPERATOR_KEY}


def test_access_says_how_the_tools_reach_the_hosts() -> None:
    access = environments.deploy_environment("dev").outputs[names.ACCESS]

    assert access["user"] == "azureuser"
    assert access["jumpName"].startswith("net-jump-")
    assert access["jumpAddress"]
    assert access["caPublicKey"]


def test_ingress_maps_service_and_port_to_a_url() -> None:
    outputs = environments.deploy_environment("dev").outputs

    assert outputs[names.INGRESS] == {"shop_edge:80": "http://address-of-edge-ip"}


def test_nodes_list_name_role_address_and_zone() -> None:
    nodes = environments.deploy_environment("prod").outputs[names.NODES]

    assert [(node["role"], node["zone"]) for node in nodes] == [
        ("manager", "1"),
        ("manager", "2"),
        ("manager", "3"),
        ("worker", "1"),
        ("worker", "2"),
        ("worker", "3"),
    ]
    assert nodes[0]["privateIp"] == f"address-of-{nodes[0]['name']}-nic"


def test_stacks_map_services_to_the_images_that_were_pushed() -> None:
    outputs = environments.deploy_environment("dev").outputs

    assert sorted(outputs[names.STACKS]["shop"]) == ["api", "edge", "store", "web"]
    assert outputs[names.STACKS]["shop"]["web"] == f"{outputs[names.REGISTRY]}/shop/web@{deploying.DIGEST}"


def test_ssh_leads_to_the_first_manager() -> None:
    outputs = environments.deploy_environment("prod").outputs

    assert outputs[names.SSH].startswith("ssh-agent sh -c 'pulumi stack output operatorKey --show-secrets --stack prod")
    assert f"azureuser@{outputs[names.NODES][0]['name']} " in outputs[names.SSH]


def test_the_first_worker_keeps_the_data() -> None:
    nodes = environments.deploy_environment("dev").all(_NODE)

    assert [node.inputs.get("labels") for node in nodes] == [None, {"storage": "true"}, None]


def test_the_first_manager_keeps_the_data_where_there_are_no_workers(application: str) -> None:
    deployed = environments.deploy_changed("dev", workers=0, applications=[application])

    assert deployed.one(_NODE).inputs["labels"] == {"storage": "true"}


def test_a_drained_host_is_a_node_without_tasks() -> None:
    nodes = environments.deploy_changed("dev", drainedHosts=["worker-1"]).all("swarm:index:SwarmNode")

    drained = [node.inputs["host"] for node in nodes if node.inputs.get("availability") == "drain"]
    assert [name.rpartition("-")[0] for name in drained] == ["worker-1"]


def test_connections_go_to_workers() -> None:
    assert _hosts_in_pool(environments.deploy_environment("dev")) == ["worker-0", "worker-1"]


def test_connections_go_to_managers_where_there_are_no_workers(application: str) -> None:
    deployed = environments.deploy_changed("dev", workers=0, applications=[application])

    assert _hosts_in_pool(deployed) == ["manager-0"]


def test_prod_protects_what_holds_data() -> None:
    deployed = environments.deploy_environment("prod")

    assert {(one.token, one.parent) for one in deployed.resources if one.protect} == {
        ("azure-native:resources:ResourceGroup", "net"),
        ("azure-native:containerregistry:Registry", "registry"),
        ("azure-native:compute:VirtualMachine", "worker-0"),
    }


def test_prod_locks_what_holds_data() -> None:
    deployed = environments.deploy_environment("prod")
    host = deployed.outputs[names.NODES][3]["name"]

    locks = deployed.all("azure-native:authorization:ManagementLockByScope")
    assert [(one.parent, one.inputs["scope"].rpartition("/providers/")[2]) for one in locks] == [
        ("registry", f"Microsoft.ContainerRegistry/registries/{deployed.outputs[names.REGISTRY].split('.')[0]}"),
        ("worker-0", f"Microsoft.Compute/virtualMachines/{host}"),
    ]
    assert {one.inputs["level"] for one in locks} == {"CanNotDelete"}


@pytest.mark.parametrize("stack", ["dev", "test"])
def test_other_environments_protect_nothing(stack: str) -> None:
    assert [one.name for one in environments.deploy_environment(stack).resources if one.protect] == []


def test_an_environment_without_applications_has_no_load_balancer() -> None:
    deployed = environments.deploy_changed("dev", applications=[])

    assert deployed.names("azure-native:network:LoadBalancer") == []
    assert deployed.outputs[names.INGRESS] == deployed.outputs[names.STACKS] == {}


def test_an_example_never_becomes_a_secret(application: str) -> None:
    deployed = environments.deploy_changed("dev", applications=[application])

    assert deployed.names("swarm:index:RandomToken") == ["web-shape"]
    assert deployed.one("swarm:index:Secret", "web-shape-secret").inputs["data"] == "dG9rZW4td2ViLXNoYXBl"
    assert deployed.one("swarm:index:Secret", "web-real-secret").inputs["data"] == "cmVhbA=="


def test_a_port_that_two_services_publish_is_refused(application: str) -> None:
    applications = [application, application.replace("web=", "blog=")]
    program = environments.make_program("dev", applications=applications)

    assert deploying.refusal_of(program) == ("Port 80 must be published by one service; got 'web_web' and 'blog_web'.")


def test_a_wrong_compose_file_is_refused_by_file_and_key(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "compose.yaml"
    file.write_text("version: '3.9'\nservices:\n  web: {image: nginx, replicas: 2}\n")
    program = environments.make_program("dev", applications=[f"web={file}"])

    assert deploying.refusal_of(program).startswith(f"ComposeStack 'web': {file}:3: services.web")


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_a_preview_shows_every_resource_of_the_update(stack: str) -> None:
    config = environments.make_config(stack)
    previewed = deploying.deploy(environments.make_program(stack), stack=stack, settings=config, preview=True)

    updated = environments.deploy_environment(stack)
    assert sorted((one.token, one.name) for one in previewed.resources) == sorted(
        (one.token, one.name) for one in updated.resources
    )


@pytest.mark.parametrize(
    ("port", "url"), [(80, "http://a"), (443, "https://a"), (8080, "http://a:8080"), (8443, "http://a:8443")]
)
def test_a_url_names_the_port_where_it_must(port: int, url: str) -> None:
    assert platform.make_url("a", port) == url


def test_ports_are_listed_once_and_in_order() -> None:
    one = building.make_model(published=[_publish(443), _publish(80)])
    two = building.make_model(published=[_publish(8080), _publish(80, "udp")])

    assert platform.list_published_ports({"one": one, "two": two}) == [80, 443, 8080]


def _publish(port: int, protocol: str = "tcp") -> compose.Published:
    return compose.Published("web", port, port, protocol, "ingress")

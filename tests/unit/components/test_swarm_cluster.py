"""The swarm over hosts."""

import dataclasses
from typing import Any

import pulumi
import pytest

from components import access, swarm_cluster
from tests.unit import deploying
from tests.unit.components import building

_NODE = "swarm:index:SwarmNode"
_OTHER_WAY = access.SshAccess(ca_public_key="other", operator_private_key="key")


def _program(managers: int, workers: int, /, **args: Any) -> Any:
    hosts = {
        "managers": building.make_existing_hosts("manager", managers),
        "workers": building.make_existing_hosts("worker", workers),
    }
    inputs: Any = {**hosts, **args}
    return lambda: swarm_cluster.SwarmCluster("swarm", inputs)


def test_managers_join_one_after_another() -> None:
    deployed = deploying.deploy(_program(3, 0))

    assert [node.depends_on for node in deployed.all(_NODE)] == [
        ["manager-0-ready", "swarm"],
        ["manager-0", "manager-1-ready", "swarm"],
        ["manager-1", "manager-2-ready", "swarm"],
    ]


def test_workers_join_in_parallel_after_the_first_manager() -> None:
    deployed = deploying.deploy(_program(1, 2))

    assert deployed.one(_NODE, "worker-0").depends_on == ["manager-0", "swarm", "worker-0-ready"]
    assert deployed.one(_NODE, "worker-1").depends_on == ["manager-0", "swarm", "worker-1-ready"]


def test_every_host_is_a_node_of_its_role() -> None:
    deployed = deploying.deploy(_program(1, 2))

    assert [(node.inputs["host"], node.inputs["role"]) for node in deployed.all(_NODE)] == [
        ("manager-0", "manager"),
        ("worker-0", "worker"),
        ("worker-1", "worker"),
    ]


def test_the_swarm_begins_when_the_managers_are_ready() -> None:
    swarm = deploying.deploy(_program(3, 1)).one("swarm:index:Swarm")

    assert swarm.inputs == {"managers": ["manager-0", "manager-1", "manager-2"]}
    assert swarm.depends_on == ["manager-0-ready", "manager-1-ready", "manager-2-ready"]


def test_a_drained_host_is_wanted_so_and_the_others_as_ever() -> None:
    deployed = deploying.deploy(_program(1, 2, drained=["worker-1"]))

    assert deployed.one(_NODE, "worker-1").inputs["availability"] == "drain"
    assert "availability" not in deployed.one(_NODE, "worker-0").inputs


def test_labels_reach_the_node_of_their_host_only() -> None:
    deployed = deploying.deploy(_program(1, 2, labels={"worker-1": {"storage": "true"}}))

    assert deployed.one(_NODE, "worker-1").inputs["labels"] == {"storage": "true"}
    assert "labels" not in deployed.one(_NODE, "worker-0").inputs


def test_nodes_leave_as_slowly_as_the_load_balancer_needs() -> None:
    deployed = deploying.deploy(_program(1, 1, drain_seconds=10))

    assert [node.inputs["drainSeconds"] for node in deployed.all(_NODE)] == [10, 10]


def test_the_bound_of_leaving_workers_is_a_fact_of_the_provider() -> None:
    deployed = deploying.deploy(_program(1, 1, max_unavailable=2))

    assert deployed.one("pulumi:providers:swarm").inputs["maxUnavailable"] == 2


def test_existing_machines_are_reached_directly() -> None:
    deployed = deploying.deploy(_program(1, 1))

    assert deployed.one("pulumi:providers:swarm").inputs == {
        "user": "azureuser",
        "operatorPrivateKey": "key",
        "caPublicKey": "ssh-ed25519 CA",
        "managers": ["manager-0"],
    }


def test_existing_machines_are_members_with_their_addresses() -> None:
    program = _program(1, 1)

    deployed = deploying.deploy(lambda: pulumi.export("members", program().members))

    assert deployed.outputs["members"] == [
        {"name": "manager-0", "role": "manager", "privateIp": "10.0.9.0", "zone": ""},
        {"name": "worker-0", "role": "worker", "privateIp": "10.0.9.0", "zone": ""},
    ]


def test_azure_hosts_are_reached_through_the_jump_host() -> None:
    def program() -> None:
        swarm_cluster.SwarmCluster("swarm", {"managers": building.create_hosts(building.create_network(), "m", 1)})

    deployed = deploying.deploy(program)

    jump = deployed.one("azure-swarm:components:JumpHost").name
    provider = deployed.one("pulumi:providers:swarm")
    assert provider.inputs["jumpName"].startswith(f"{jump}-")
    assert provider.inputs["jumpHost"] == f"address-of-{provider.inputs['jumpName']}-ip"
    assert provider.secrets == {"operatorPrivateKey"}


def test_hosts_may_be_reached_by_a_proxy_command() -> None:
    way = dataclasses.replace(building.SSH, proxy_command="gate %h %p")
    host = access.ExistingHost(host_name="m", private_ip="10.0.9.0", access=way)
    deployed = deploying.deploy(lambda: swarm_cluster.SwarmCluster("swarm", {"managers": [host]}))

    assert deployed.one("pulumi:providers:swarm").inputs["proxyCommand"] == "gate %h %p"


def test_an_azure_host_is_waited_for_when_its_machine_exists() -> None:
    def program() -> None:
        swarm_cluster.SwarmCluster("swarm", {"managers": building.create_hosts(building.create_network(), "m", 1)})

    ready = deploying.deploy(program).one("swarm:index:HostReady")

    assert ready.depends_on == [ready.inputs["host"]]
    assert ready.provider == "swarm-provider"


def test_a_swarm_goes_with_the_group_that_takes_all_its_hosts_along() -> None:
    def program() -> None:
        swarm_cluster.SwarmCluster("swarm", {"managers": building.create_hosts(building.create_network(), "m", 1)})

    deployed = deploying.deploy(program)

    assert deployed.one("swarm:index:Swarm").deleted_with == "net-group"
    assert deployed.one(_NODE).deleted_with == "net-group"


def test_azure_hosts_and_a_machine_that_exists_already_make_one_swarm() -> None:
    def program() -> None:
        net = building.create_network()
        old = access.ExistingHost(host_name="old-machine", private_ip="10.80.1.99", access=net.access)
        swarm_cluster.SwarmCluster("swarm", {"managers": building.create_hosts(net, "m", 1), "workers": [old]})

    deployed = deploying.deploy(program)

    assert deployed.one(_NODE, "old-machine").inputs["role"] == "worker"
    assert deployed.one("swarm:index:HostReady", "old-machine-ready").depends_on == []


def test_beside_a_machine_that_outlives_the_group_every_membership_ends_in_order() -> None:
    def program() -> None:
        net = building.create_network()
        old = access.ExistingHost(host_name="old-machine", private_ip="10.80.1.99", access=net.access)
        swarm_cluster.SwarmCluster("swarm", {"managers": building.create_hosts(net, "m", 1), "workers": [old]})

    assert {node.deleted_with for node in deploying.deploy(program).all(_NODE)} == {""}


@pytest.mark.parametrize("managers", [0, 2, 4, 6, 8, 9])
def test_a_number_of_managers_that_bears_no_more_losses_is_refused(managers: int) -> None:
    assert deploying.refusal_of(_program(managers, 0)) == (
        "SwarmCluster 'swarm': managers must be 1, 3, 5 or 7 hosts, since an even number bears no more losses; "
        f"got {managers}."
    )


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"managers": None}, "managers must be given; got nothing."),
        ({"managers": "m"}, "managers must be a list of hosts; got 'm'."),
        ({"workers": ["w"]}, "workers must be a list of hosts, each a ContainerHost or an ExistingHost; got 'w'."),
        (
            {"workers": building.make_existing_hosts("manager", 1)},
            "managers and workers must be every host once; got ['manager-0'].",
        ),
        (
            {"workers": [access.ExistingHost(host_name="a b", private_ip="10.0.9.9", access=building.SSH)]},
            "workers' host_name must be a DNS name such as 'worker-0' or 'worker-0.example.org'; got 'a b'.",
        ),
        ({"drain_seconds": -1}, "drain_seconds must be a whole number of seconds, 0 or more; got -1."),
        ({"max_unavailable": 0}, "max_unavailable must be a whole number, 1 or more; got 0."),
        ({"drained": "worker-0"}, "drained must be a list of the names of hosts; got 'worker-0'."),
        ({"drained": ["x"]}, "drained must be names of the hosts ['manager-0']; got 'x'."),
        ({"labels": []}, "labels must be a mapping of host names to labels; got []."),
        ({"labels": {"x": {}}}, "labels must be by the names of the hosts ['manager-0']; got 'x'."),
        (
            {"labels": {"manager-0": "storage"}},
            "labels['manager-0'] must be a mapping of labels to values; got 'storage'.",
        ),
        (
            {"labels": {"manager-0": {"a b": "c"}}},
            "labels['manager-0'] must be letters, digits, '.', '_', '/' and '-', such as 'storage'; got 'a b'.",
        ),
        (
            {"workers": [access.ExistingHost(host_name="w", private_ip="10.0.9.9", access=_OTHER_WAY)]},
            "access must be the same for every host as for 'manager-0'; got ['w'].",
        ),
        (
            {"hosts": []},
            "every input must be one of drain_seconds, drained, labels, managers, max_unavailable, workers; "
            "got 'hosts'.",
        ),
    ],
)
def test_a_wrong_input_is_refused(change: dict[str, Any], refusal: str) -> None:
    assert deploying.refusal_of(_program(1, 0, **change)) == f"SwarmCluster 'swarm': {refusal}"

"""Availability sets, and the hosts in them."""

from typing import Any

import pytest

from components import availability_set, container_host
from tests.unit import deploying
from tests.unit.components import building

_SET = "azure-native:compute:AvailabilitySet"
_VM = "azure-native:compute:VirtualMachine"


def _declare(**args: Any) -> None:
    net = building.create_network()
    given: Any = {"network": net, **args}
    together = availability_set.AvailabilitySet("workers", given)
    container_host.ContainerHost("web-0", {"network": net, "availability_set": together})
    container_host.ContainerHost("web-1", {"network": net})


def test_a_set_is_one_of_managed_disks_with_two_fault_domains() -> None:
    made = deploying.deploy(_declare).one(_SET)

    assert made.inputs == {
        "resourceGroupName": "azure-swarm-dev-net",
        "location": "westeurope",
        "availabilitySetName": "workers-2",
        "platformFaultDomainCount": 2,
        "platformUpdateDomainCount": 5,
        "sku": {"name": "Aligned"},
    }
    assert made.deleted_with == "net-group"


def test_a_host_is_in_its_set_and_another_in_none() -> None:
    machines = {one.parent: one.inputs.get("availabilitySet") for one in deploying.deploy(_declare).all(_VM)}

    place = f"{deploying.GROUP_ID}/providers/Microsoft.Compute/availabilitySets/workers-2"
    assert (machines["web-0"], machines["web-1"]) == ({"id": place}, None)


def test_a_set_is_another_generation() -> None:
    names = {one.parent: one.name.rpartition("-")[2] for one in deploying.deploy(_declare).all(_VM)}

    assert names["web-0"] != names["web-1"]


def test_more_fault_domains_are_another_set_with_other_hosts_since_azure_changes_none_that_has_members() -> None:
    before, after = deploying.deploy(_declare), deploying.deploy(lambda: _declare(fault_domains=3))

    assert [one.inputs["platformFaultDomainCount"] for one in (*before.all(_SET), *after.all(_SET))] == [2, 3]
    assert set(before.names(_SET)) & set(after.names(_SET)) == set()
    assert {name.rpartition("-")[0] for name in set(before.names(_VM)) - set(after.names(_VM))} == {"web-0"}


@pytest.mark.parametrize(
    ("name", "args", "refusal"),
    [
        ("Workers", {}, "name must be lower-case letters, digits and '-', a letter first, at most 42 characters"),
        ("workers", {"network": "net"}, "network must be a ClusterNetwork"),
        ("workers", {"fault_domains": 4}, "fault_domains must be 1, 2 or 3"),
        ("workers", {"zone": "1"}, "every input must be one of fault_domains, network"),
    ],
)
def test_a_wrong_input_is_refused(name: str, args: dict[str, Any], refusal: str) -> None:
    sentence = building.refusal_on_network(availability_set.AvailabilitySet, name, args)

    assert sentence.startswith(f"AvailabilitySet '{name}': {refusal}; got ")


def test_a_host_is_not_in_a_zone_and_in_a_set() -> None:
    together = building.make_blank(availability_set.AvailabilitySet, set_name="workers")
    change = {"zone": "1", "availability_set": together}

    assert building.refusal_on_network(container_host.ContainerHost, "web-0", change) == (
        "ContainerHost 'web-0': availability_set must be none where there are zones; got 'workers'."
    )


def test_a_host_takes_a_set_and_no_name_of_one() -> None:
    change = {"availability_set": "workers"}

    assert building.refusal_on_network(container_host.ContainerHost, "web-0", change) == (
        "ContainerHost 'web-0': availability_set must be an AvailabilitySet; got 'workers'."
    )

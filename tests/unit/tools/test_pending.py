"""What is pending after a killed update is told to be there, looked for, and kept as it was asked for."""

import json
from typing import Any

import pytest

from tools import pending

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/shop"


SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


def make_resource(token: str, **inputs: object) -> dict[str, Any]:
    return {"urn": f"urn:pulumi:dev::azure-swarm::{token}::one", "type": token, "inputs": inputs}


def make_machine(**inputs: object) -> dict[str, Any]:
    return make_resource("azure-native:compute:VirtualMachine", resourceGroupName="shop", vmName="m-0", **inputs)


def make_export(*creating: dict[str, Any], resource_id: str = GROUP) -> dict[str, Any]:
    operations = [{"resource": one, "type": "creating"} for one in creating]
    return {"deployment": {"resources": [{"urn": "a", "id": resource_id + "/x"}], "pending_operations": operations}}


@pytest.mark.parametrize(
    ("token", "inputs", "expected"),
    [
        ("azure-native:resources:ResourceGroup", {}, GROUP),
        (
            "azure-native:network:Subnet",
            {"virtualNetworkName": "net", "subnetName": "hosts"},
            f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net/subnets/hosts",
        ),
        (
            "azure-native:compute/v20240701:VirtualMachine",
            {"vmName": "manager-0-3fa9c1"},
            f"{GROUP}/providers/Microsoft.Compute/virtualMachines/manager-0-3fa9c1",
        ),
    ],
)
def test_an_azure_resource_is_found_again_by_its_names(token: str, inputs: dict[str, str], expected: str) -> None:
    resource = make_resource(token, resourceGroupName="shop", **inputs)

    assert pending.make_arm_id(resource, SUBSCRIPTION) == expected


@pytest.mark.parametrize(
    "resource",
    [
        make_resource("swarm:index:Service", name="web"),
        make_resource("azure-native:network:Subnet", resourceGroupName="shop", virtualNetworkName="net"),
        make_resource("azure-native:resources:ResourceGroup", resourceGroupName={"secret": "…"}),
    ],
)
def test_no_id_is_made_up_where_type_and_names_do_not_tell_it(resource: dict[str, Any]) -> None:
    assert pending.make_arm_id(resource, SUBSCRIPTION) is None


def test_a_clean_state_has_no_loose_ends() -> None:
    assert not pending.has_loose_ends(make_export())


def test_a_new_stack_has_no_loose_ends() -> None:
    assert not pending.has_loose_ends({"version": 3, "deployment": None})


def test_other_pending_operations_are_left_to_the_engine() -> None:
    export = {"deployment": {"pending_operations": [{"resource": make_machine(), "type": "deleting"}]}}

    assert not pending.has_loose_ends(export)


def test_what_was_being_created_on_azure_is_told_to_be_there() -> None:
    machine = make_machine(size="small")

    adopted = pending.adopt(make_export(machine), None)

    resource = adopted["deployment"]["resources"][-1]
    assert resource["id"] == f"{GROUP}/providers/Microsoft.Compute/virtualMachines/m-0"
    assert resource["outputs"]["size"] == "small"
    assert adopted["deployment"]["pending_operations"] == []


def test_it_is_looked_for_until_a_refresh_has_seen_it() -> None:
    machine = make_machine()

    adopted = pending.adopt(make_export(machine), None)

    assert pending.has_loose_ends(adopted)
    assert pending.list_unproven(adopted) == {machine["urn"]: machine["inputs"]}
    assert not pending.has_loose_ends(pending.adopt(make_export(), None))


def test_the_inputs_that_azure_native_compares_with_are_secret_as_a_whole() -> None:
    machine = make_machine(customData={**SECRET, "plaintext": json.dumps("hidden")})

    adopted = pending.adopt(make_export(machine), None)

    kept = adopted["deployment"]["resources"][-1]["outputs"]["__inputs"]
    assert kept.items() >= SECRET.items()
    assert json.loads(kept["plaintext"])["customData"] == "hidden"


def test_what_finds_its_own_again_is_not_kept() -> None:
    adopted = pending.adopt(make_export(make_resource("swarm:index:Service", name="web")), SUBSCRIPTION)

    assert [one["urn"] for one in adopted["deployment"]["resources"]] == ["a"]
    assert not pending.has_loose_ends(adopted)


def test_a_replacement_that_was_cut_off_leaves_what_it_replaces() -> None:
    export = make_export(make_machine())
    export["deployment"]["resources"].append({**make_machine(), "id": "old"})

    adopted = pending.adopt(export, None)

    assert [one["id"] for one in adopted["deployment"]["resources"]] == [f"{GROUP}/x", "old"]


def test_the_subscription_of_the_state_wins_over_the_one_that_is_selected_now() -> None:
    adopted = pending.adopt(make_export(make_machine()), "another")

    assert adopted["deployment"]["resources"][-1]["id"].startswith(GROUP)


def test_without_any_subscription_a_create_is_forgotten() -> None:
    adopted = pending.adopt(make_export(make_machine(), resource_id="x"), None)

    assert len(adopted["deployment"]["resources"]) == 1


def test_what_azure_did_not_return_is_put_back() -> None:
    read = {**make_machine(default="added"), "outputs": {"__inputs": {}}}
    inputs = make_machine(customData="script")["inputs"]

    restored = pending.restore({"deployment": {"resources": [read]}}, {read["urn"]: inputs, "urn:gone": {}})

    resource = restored["deployment"]["resources"][0]
    assert resource["inputs"] == inputs
    assert json.loads(resource["outputs"]["__inputs"]["plaintext"]) == inputs

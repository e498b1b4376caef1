"""The ARM template of an environment."""

import base64
import functools
import json
from typing import Any

import pytest
import yaml

import cloud_init
from arm import bodies, deployer, expressions, identifiers, registrations, template, user_data
from tests.unit.azure import evaluating
from tests.unit.stacks import environments as deployed
from tools import arm, environments, goldens

_GIVEN: dict[str, Any] = {
    expressions.OPERATOR_KEY: "ssh-ed25519 OPERATOR",
    deployer.NETWORKS: ["203.0.113.0/24"],
    "vaultOperatorSshKeyValue": "operator-private",
    "vaultRegistryPasswordValue": "pass-word",
}
_MACHINES = "Microsoft.Compute/virtualMachines"
_EVERY = pytest.mark.parametrize("stack", environments.STACKS)


_JUDGED = pytest.mark.parametrize("stack", [*environments.STACKS, "everything"])


def _recorded(stack: str) -> list[registrations.Registration]:
    return deployed.deploy_judged(stack).resources


@functools.cache
def _make(stack: str) -> dict[str, Any]:
    return template.make_template(_recorded(stack))


def _evaluate(stack: str, **given: Any) -> list[dict[str, Any]]:
    return evaluating.evaluate(_make(stack), _get_group(stack), {**_GIVEN, **given})


def _get_group(stack: str) -> str:
    return f"azure-swarm-{'prod' if stack == 'everything' else stack}-net"


def _find(resources: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(one for one in resources if one["name"] == name)


def _without_user_data(body: dict[str, Any]) -> str:
    copied = json.loads(json.dumps(body))
    copied["properties"].get("osProfile", {}).pop("customData", None)
    for one in copied["properties"].get("securityRules", []):
        _name_in_plural(one["properties"])
    return json.dumps(copied, sort_keys=True)


def _name_in_plural(rule: dict[str, Any]) -> None:
    """The parameter may hold several networks; the program names a single one in the singular."""
    if rule.get("sourceAddressPrefix") in _GIVEN[deployer.NETWORKS]:
        rule["sourceAddressPrefixes"] = [rule.pop("sourceAddressPrefix")]


@_JUDGED
def test_a_template_asks_for_what_the_program_asks_for(stack: str) -> None:
    wanted = template.list_resources(_recorded(stack))
    names = {f"{one.name}Name": template.get_own_name(one) for one in wanted if one.name in ("registry", "vault")}
    month = next((one.inputs["timePeriod"]["startDate"] for one in wanted if one.name == "budget"), "")
    found = {one["name"].rpartition("/")[2]: one for one in _evaluate(stack, **names, budgetStart=month)}

    beside = ("type", "apiVersion", "name", "dependsOn", "scope")
    bare = {
        name: _without_user_data({key: value for key, value in one.items() if key not in beside})
        for name, one in found.items()
    }
    assert bare == {template.get_own_name(one): _without_user_data(bodies.make_body(one)) for one in wanted}


@_EVERY
def test_the_kept_template_is_this_one(stack: str) -> None:
    kept = (goldens.TEMPLATES / f"{stack}.json").read_text(encoding="utf-8")

    assert json.loads(kept) == _make(stack), "`make goldens` writes this anew."


@_EVERY
def test_every_resource_that_is_mentioned_comes_before(stack: str) -> None:
    made = _evaluate(stack)
    ids = {_make_id(stack, one) for one in made}
    mentioned = {one["name"]: _find_mentioned(one, ids) - {_make_id(stack, one)} for one in made}

    assert [one["name"] for one in made if mentioned[one["name"]] - set(one.get("dependsOn", []))] == []
    assert sum(len(found) for found in mentioned.values()) > len(made) / 2


def _find_mentioned(one: dict[str, Any], ids: set[str]) -> set[str]:
    """Gives the resources whose ids, or whose parts' ids, stand in a body; a subnet is no part here."""
    body = {key: value for key, value in one.items() if key != "dependsOn"}
    owners = ([known for known in ids if f"{text}/".startswith(f"{known}/")] for text in json.dumps(body).split('"'))
    return {max(found, key=len) for found in owners if found}


def _make_id(stack: str, one: dict[str, Any]) -> str:
    provider, *kinds = one["type"].split("/")
    parts = "/".join(f"{kind}/{name}" for kind, name in zip(kinds, one["name"].split("/"), strict=True))
    place = one.get("scope") or f"/subscriptions/{identifiers.SUBSCRIPTION}/resourceGroups/{_get_group(stack)}"
    return f"{place}/providers/{provider}/{parts}"


def test_a_lock_comes_after_the_settings_that_it_would_hold() -> None:
    lock = _find(_evaluate("prod"), "registry-lock")

    assert {text.rpartition("/")[2] for text in lock["dependsOn"]} >= {"registry-diagnostics", "edge-lb-diagnostics"}


@_EVERY
def test_what_comes_before_is_in_the_template(stack: str) -> None:
    made = _evaluate(stack)

    before = {text for one in made for text in one.get("dependsOn", [])}
    assert before - {_make_id(stack, one) for one in made} == set()


@pytest.mark.parametrize("secret", ["ca-private", "operator-private", "private-", "pass-word", "token-", "203.0.113."])
def test_no_secret_and_no_network_of_the_recorder_is_in_a_template(secret: str) -> None:
    assert secret not in template.print_template(_recorded("everything"))


@_EVERY
def test_only_the_operators_key_and_networks_must_be_given(stack: str) -> None:
    given = _make(stack)["parameters"]

    asked = [name for name, one in given.items() if "defaultValue" not in one]
    assert asked == [expressions.OPERATOR_KEY, deployer.NETWORKS]
    assert all(one["metadata"]["description"].endswith(".") for one in given.values())


def test_secrets_are_secure_and_empty() -> None:
    given = _make("dev")["parameters"]

    secure = {name: one["defaultValue"] for name, one in given.items() if one["type"] == "securestring"}
    assert secure == {
        "manager0UserData": "",
        "netJumpUserData": "",
        "worker0UserData": "",
        "worker1UserData": "",
    }


def test_a_host_that_is_given_no_user_data_takes_the_templates() -> None:
    host = _find(_evaluate("dev"), "manager-0")

    text = base64.b64decode(host["properties"]["osProfile"]["customData"]).decode()
    assert text.startswith("#cloud-config\n")
    assert "ssh_keys" not in yaml.safe_load(text)
    assert "install-docker" in text


def test_given_user_data_is_taken() -> None:
    host = _find(_evaluate("dev", manager0UserData="Z2l2ZW4="), "manager-0")

    assert host["properties"]["osProfile"]["customData"] == "Z2l2ZW4="


def test_hosts_of_one_kind_share_their_user_data() -> None:
    assert list(_make("prod")["variables"]) == ["userData1", "userData2"]


def test_another_name_reaches_all_that_mention_it() -> None:
    made = _evaluate("dev", netVnetName="other", manager0Name="first")

    assert _find(made, "other/net-hosts")["type"] == "Microsoft.Network/virtualNetworks/subnets"
    assert "/virtualNetworks/other/subnets/net-hosts" in json.dumps(_find(made, "manager-0-nic"))
    assert "net-vnet" not in json.dumps(made)
    assert _find(made, "first")["properties"]["osProfile"]["computerName"] == "first"


def test_what_is_in_another_group_keeps_its_id() -> None:
    subnet = (
        "/subscriptions/aaaaaaaa-0000-0000-0000-000000000000/resourceGroups/shared/providers/Microsoft.Network/"
        "virtualNetworks/corp/subnets/swarm"
    )
    changed = deployed.deploy_changed("dev", subnetId=subnet, applications=[])
    made = evaluating.evaluate(template.make_template(changed.resources), "azure-swarm-dev-net", _GIVEN)

    interface = _find(made, "worker-0-nic")["properties"]
    assert interface["ipConfigurations"][0]["properties"]["subnet"] == {"id": subnet}


def test_no_generation_is_in_a_template() -> None:
    machines = [one.name for one in _recorded("prod") if one.token.endswith(":VirtualMachine")]

    assert [name for name in machines if name in template.print_template(_recorded("prod"))] == []


def test_addresses_and_registry_are_told() -> None:
    outputs = _make("dev")["outputs"]

    assert outputs["edgeIpAddress"]["value"] == (
        "[reference(resourceId('Microsoft.Network/publicIPAddresses', parameters('edgeIpName'))).ipAddress]"
    )
    assert sorted(outputs) == [
        "edgeIpAddress",
        "manager0NicAddress",
        "netJumpIpAddress",
        "netJumpNicAddress",
        "netNatIpAddress",
        "registryServer",
        "worker0NicAddress",
        "worker1NicAddress",
    ]


def test_a_lock_says_what_it_is_for() -> None:
    made = _evaluate("prod")

    scopes = {one["name"]: one["scope"] for one in made if one["type"] == "Microsoft.Authorization/locks"}
    assert scopes == {
        "registry-lock": _make_id("prod", next(one for one in made if one["type"].endswith("/registries"))),
        "worker-0-lock": _make_id("prod", _find(made, "worker-0")),
    }


def test_a_text_that_looks_like_an_expression_is_none() -> None:
    assert expressions.escape("[a]") == "[[a]"
    assert evaluating.evaluate_text(_make("dev"), "g", "[[a]") == "[a]"


def test_a_type_that_is_not_known_is_refused() -> None:
    other = registrations.Registration(token="azure-native:sql:Server", name="db", inputs={})

    with pytest.raises(bodies.UncoveredTypeError) as refused:
        template.make_template([*_recorded("dev"), other])
    assert str(refused.value).startswith("The type must be one of azure-native:authorization:ManagementLockByScope, ")
    assert str(refused.value).endswith("; got 'azure-native:sql:Server'.")


def test_hosts_in_a_set_come_after_it_and_are_not_launched_trusted_on_flatcar() -> None:
    made = template.make_template(deployed.deploy_judged("flatcar in sets").resources)
    host = next(one for one in made["resources"] if one["name"] == "[parameters('worker0Name')]")

    place = "resourceId('Microsoft.Compute/availabilitySets', parameters('workers2Name'))"
    assert f"[{place}]" in host["dependsOn"]
    assert host["properties"]["availabilitySet"] == {"id": f"[{place}]"}
    assert "securityType" not in host["properties"].get("securityProfile", {})
    assert "worker-0" not in json.dumps(made["variables"])


def test_a_plan_stands_beside_the_properties() -> None:
    made = template.make_template(deployed.deploy_judged("an image with a plan").resources)
    plans = [one["plan"]["product"] for one in made["resources"] if one["type"] == _MACHINES and "plan" in one]

    assert plans == ["flatcar-container-linux-free"] * 6


def test_user_data_without_identity_is_the_same_for_all() -> None:
    keys = {"ssh_keys": {"ed25519_private": "k"}, "ssh_deletekeys": True, "ssh_genkeytypes": [], "locale": False}
    encoded = base64.b64encode(f"#cloud-config\n{yaml.safe_dump(keys)}".encode()).decode()

    assert user_data.without_identity(encoded) == "#cloud-config\nlocale: false\n"


def test_an_ignition_config_without_identity_is_the_same_for_all() -> None:
    texts = [user_data.without_identity(_encode(_make_ignition(name))) for name in ("web-0", "web-1")]

    assert texts[0] == texts[1]
    assert json.loads(texts[0]) == cloud_init.container_host_facts("azureuser", form=cloud_init.Format.IGNITION)


def _make_ignition(name: str) -> str:
    keys = cloud_init.HostKeys(name=name, private=f"{name}-key", public="p", certificate="c", operator="o")
    return cloud_init.make_container_host(keys, "azureuser", form=cloud_init.Format.IGNITION)


def _encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_the_command_prints_the_template_and_how_to_deploy_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert arm.main(["--stack", "test"]) == 0

    printed = capsys.readouterr()
    assert json.loads(printed.out) == _make("test")
    assert printed.err == (
        "az group create --name azure-swarm-test-net --location westeurope\n"
        "az deployment group create --resource-group azure-swarm-test-net --template-file test.json "
        '--parameters operatorPublicKey="$(cat ~/.ssh/id_ed25519.pub)" '
        'operatorNetworks="[\\"$(curl -s https://ifconfig.me)/32\\"]"\n'
    )


def test_a_refused_setting_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert arm.main(["--stack", "test", "managers=4"]) == 1
    assert capsys.readouterr().err == "azure-swarm: On the command line: managers must be 1, 3, 5 or 7; got 4.\n"

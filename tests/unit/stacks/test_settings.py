"""The settings of a stack, one by one: what they are, and the sentence for each one that cannot be."""

from typing import Any

import pulumi
import pytest

from stacks import config_values, settings
from tests.unit.stacks import environments

_SIZE = "an Azure size such as 'Standard_B2als_v2'"
_NETWORK = "an IPv4 network such as '10.80.0.0/16'"
_FILE = "name=compose file, such as 'shop=apps/shop/compose.yaml', the name of lower-case letters, digits and '-'"
_TEXTS = "a list of strings"
_WITH_SOURCE = "given with dockerSource docker, and '' with dockerSource debian"


def test_the_schema_declares_every_setting() -> None:
    assert sorted(environments.read_schema()) == settings.list_keys()


@pytest.mark.parametrize("key", settings.list_keys())
def test_every_setting_has_a_type_a_sentence_and_a_default(key: str) -> None:
    entry = environments.read_schema()[key]

    assert entry["type"] in ("string", "integer", "boolean", "array", "object")
    assert entry["description"].endswith(".")
    assert "default" in entry


@pytest.mark.parametrize(
    ("key", "value", "refusal"),
    [
        ("location", "West Europe", "location must be an Azure region such as 'westeurope'; got 'West Europe'."),
        ("addressSpace", "10.80", f"addressSpace must be {_NETWORK}; got '10.80'."),
        ("addressSpace", "10.80.0.0/31", "addressSpace must be a network from /8 to /29; got '10.80.0.0/31'."),
        (
            "addressSpace",
            "10.0.0.0/16",
            "addressSpace must be outside 10.0.0.0/16, where the swarm's overlay networks are; got '10.0.0.0/16'.",
        ),
        ("hostSubnet", "subnet", f"hostSubnet must be {_NETWORK}; got 'subnet'."),
        ("hostSubnet", "10.90.0.0/24", "hostSubnet must be inside 10.80.0.0/16; got '10.90.0.0/24'."),
        (
            "hostSubnet",
            "10.80.0.0/29",
            "hostSubnet must be a network with room for 4 hosts, all twice while they are replaced, and the 5 "
            "addresses Azure keeps; got '10.80.0.0/29'.",
        ),
        ("operatorNetworks", "x", f"operatorNetworks must be {_TEXTS}; got 'x'."),
        ("operatorNetworks", [], "operatorNetworks must be a list of at least one network; got []."),
        ("operatorNetworks", ["net"], f"operatorNetworks[0] must be {_NETWORK}; got 'net'."),
        (
            "operatorNetworks",
            ["0.0.0.0/0"],
            "operatorNetworks[0] must be a network of at most /8, never the whole internet; got '0.0.0.0/0'.",
        ),
        ("managers", "two", "managers must be a whole number; got 'two'."),
        ("managers", 2.5, "managers must be a whole number; got '2.5'."),
        ("managers", 2, "managers must be 1, 3, 5 or 7; got 2."),
        ("managers", 9, "managers must be 1, 3, 5 or 7; got 9."),
        ("workers", "many", "workers must be a whole number; got 'many'."),
        ("workers", -1, "workers must be 0 or more; got -1."),
        ("maxUnavailable", 0, "maxUnavailable must be a whole number, 1 or more; got 0."),
        ("maxUnavailable", "all", "maxUnavailable must be a whole number; got 'all'."),
        ("managerSize", "huge", f"managerSize must be {_SIZE}; got 'huge'."),
        ("workerSize", "huge", f"workerSize must be {_SIZE}; got 'huge'."),
        ("jumpSize", "", f"jumpSize must be {_SIZE}; got ''."),
        ("jumpImage", "flatcar", "jumpImage must be an image with cloud-init; got 'flatcar'."),
        ("managerFallbackSizes", ["x"], f"managerFallbackSizes[0] must be {_SIZE}; got 'x'."),
        ("workerFallbackSizes", "x", f"workerFallbackSizes must be {_TEXTS}; got 'x'."),
        (
            "hostSizes",
            {"worker-0": "huge"},
            "hostSizes must be sizes by host, such as worker-2: Standard_D4s_v5; got {'worker-0': 'huge'}.",
        ),
        (
            "hostSizes",
            {"worker-2": "Standard_D2as_v5"},
            "hostSizes must be by the names manager-0, worker-0, worker-1; got 'worker-2'.",
        ),
        ("availabilitySets", "on", "availabilitySets must be true or false; got 'on'."),
        ("hostDiskGib", 8, "hostDiskGib must be a whole number from 30 to 4095; got 8."),
        (
            "hostDiskType",
            "Premium",
            "hostDiskType must be one of StandardSSD_LRS, Premium_LRS; got 'Premium'.",
        ),
        ("zones", "1", f"zones must be {_TEXTS}; got 1."),
        ("zones", ["4"], "zones[0] must be one of '1', '2', '3'; got '4'."),
        ("zones", ["1", 2], "zones[1] must be a string; got 2."),
        ("zones", ["1", "1"], "zones must be a list without repetitions; got ['1', '1']."),
        ("drainedHosts", "worker-1", f"drainedHosts must be {_TEXTS}; got 'worker-1'."),
        (
            "drainedHosts",
            ["worker-2"],
            "drainedHosts[0] must be one of manager-0, worker-0, worker-1; got 'worker-2'.",
        ),
        (
            "drainedHosts",
            ["worker-0", "worker-1"],
            "drainedHosts must be a list without one of worker-0, worker-1, to which connections go; "
            "got ['worker-0', 'worker-1'].",
        ),
        (
            "hostImage",
            "debian",
            "hostImage must be debian-12, debian-13, ubuntu-24.04, flatcar, each with or without ':version', "
            "publisher:offer:sku:version, or the id of an image, after 'flatcar=' where it is one of Flatcar; "
            "got 'debian'.",
        ),
        ("registrySku", "basic", "registrySku must be one of Basic, Standard, Premium; got 'basic'."),
        ("registryName", "a-b", "registryName must be 5 to 50 letters and digits; got 'a-b'."),
        ("protect", "maybe", "protect must be true or false; got 'maybe'."),
        ("encryptionAtHost", "on", "encryptionAtHost must be true or false; got 'on'."),
        ("dockerSource", "ubuntu", "dockerSource must be one of debian, docker; got 'ubuntu'."),
        ("dockerSource", "docker", f"dockerVersion must be {_WITH_SOURCE}; got ''."),
        ("dockerVersion", "28.5.1", f"dockerVersion must be {_WITH_SOURCE}; got '28.5.1'."),
        (
            "dockerVersion",
            "latest",
            "dockerVersion must be a version of Docker's engine such as '28.5.1', or '' for the distribution's; "
            "got 'latest'.",
        ),
        ("unattendedUpgrades", "on", "unattendedUpgrades must be true or false; got 'on'."),
        ("tags", "team=a", "tags must be a map of strings; got 'team=a'."),
        ("tags", {"team": 5}, "tags must be a map of strings; got {'team': 5}."),
        (
            "tags",
            {"a/b": "c"},
            "tags must be tags with names of at most 512 and values of at most 256 characters, no name with any of "
            "<>%&\\?/; got {'a/b': 'c'}.",
        ),
        (
            "tags",
            {"Team": "a", "team": "b"},
            "tags must be at most 48 tags, and no two that differ in upper and lower case alone; "
            "got {'Team': 'a', 'team': 'b'}.",
        ),
        (
            "tags",
            {"Microsoft-owner": "a"},
            "tags must be tags whose names do not begin with azure, microsoft or windows, which Azure keeps for "
            "itself; got {'Microsoft-owner': 'a'}.",
        ),
        ("lock", "on", "lock must be true or false; got 'on'."),
        ("monthlyBudget", -1, "monthlyBudget must be 0 for none, or a whole number from 1 to 10000000; got -1."),
        (
            "monthlyBudget",
            100,
            "budgetContacts must be at least one e-mail address where monthlyBudget is not 0; got [].",
        ),
        (
            "budgetContacts",
            ["team"],
            "budgetContacts[0] must be an e-mail address such as 'team@example.org'; got 'team'.",
        ),
        ("logAnalytics", "on", "logAnalytics must be true or false; got 'on'."),
        ("logRetentionDays", 7, "logRetentionDays must be a whole number from 30 to 730; got 7."),
        ("logDailyGb", 0, "logDailyGb must be a whole number from 1 to 1000; got 0."),
        ("keyVault", "on", "keyVault must be true or false; got 'on'."),
        ("keyVault", True, "secretExpiry must be a day such as '2027-11-30' where keyVault is true; got ''."),
        (
            "keyVaultName",
            "a--b",
            "keyVaultName must be 3 to 24 letters, digits and single '-', a letter first, no '-' last; got 'a--b'.",
        ),
        ("secretExpiry", "2027-02-30", "secretExpiry must be a day such as '2027-11-30'; got '2027-02-30'."),
        ("access", "vpn", "access must be one of jump, bastion, private; got 'vpn'."),
        ("proxyCommand", "gate %h", "proxyCommand must be empty where access is not private; got 'gate %h'."),
        (
            "subnetId",
            "hosts",
            "subnetId must be the id of a subnet, "
            "/subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/…/subnets/…; got 'hosts'.",
        ),
        ("composeTarget", "box", "composeTarget must be one of swarm, host; got 'box'."),
        ("composeDialect", "swarm", "composeDialect must be one of auto, stack, spec; got 'swarm'."),
        ("composeStrict", "on", "composeStrict must be true or false; got 'on'."),
        ("composeAllowOutside", "on", "composeAllowOutside must be true or false; got 'on'."),
        ("applications", "shop", f"applications must be {_TEXTS}; got 'shop'."),
        ("applications", {"shop": "x"}, f"applications must be {_TEXTS}; got {{'shop': 'x'}}."),
        ("applications", ["shop"], f"applications[0] must be {_FILE}; got 'shop'."),
        ("applications", ["Shop=README.md"], f"applications[0] must be {_FILE}; got 'Shop=README.md'."),
        (
            "applications",
            ["shop=none.yaml"],
            "applications[0] must be the path of a compose file that exists; got 'shop=none.yaml'.",
        ),
        (
            "applications",
            ["shop=Pulumi.yaml", "shop=Pulumi.dev.yaml"],
            "applications must be one entry for every name; got ['shop', 'shop'].",
        ),
    ],
)
def test_a_wrong_setting_is_refused_by_file_and_key(key: str, value: Any, refusal: str) -> None:
    sentence = environments.refusal_of_settings("dev", environments.make_config("dev", **{key: value}))

    assert sentence == f"Pulumi.dev.yaml: azure-swarm:{refusal}"


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("location", "a string"),
        ("addressSpace", "a string"),
        ("hostSubnet", "a string"),
        ("operatorNetworks", "a list of strings"),
        ("managers", "a whole number"),
        ("workers", "a whole number"),
        ("managerSize", "a string"),
        ("workerSize", "a string"),
        ("jumpSize", "a string"),
        ("jumpImage", "a string"),
        ("managerFallbackSizes", "a list of strings"),
        ("workerFallbackSizes", "a list of strings"),
        ("hostSizes", "a map of strings"),
        ("zones", "a list of strings"),
        ("availabilitySets", "true or false"),
        ("drainedHosts", "a list of strings"),
        ("hostImage", "a string"),
        ("hostDiskGib", "a whole number"),
        ("hostDiskType", "a string"),
        ("registrySku", "a string"),
        ("registryName", "a string"),
        ("protect", "true or false"),
        ("encryptionAtHost", "true or false"),
        ("dockerSource", "a string"),
        ("dockerVersion", "a string"),
        ("unattendedUpgrades", "true or false"),
        ("tags", "a map of strings"),
        ("lock", "true or false"),
        ("monthlyBudget", "a whole number"),
        ("budgetContacts", "a list of strings"),
        ("logAnalytics", "true or false"),
        ("logRetentionDays", "a whole number"),
        ("logDailyGb", "a whole number"),
        ("keyVault", "true or false"),
        ("keyVaultName", "a string"),
        ("secretExpiry", "a string"),
        ("access", "a string"),
        ("proxyCommand", "a string"),
        ("subnetId", "a string"),
        ("composeTarget", "a string"),
        ("composeDialect", "a string"),
        ("composeStrict", "true or false"),
        ("composeAllowOutside", "true or false"),
        ("applications", "a list of strings"),
    ],
)
def test_a_setting_without_a_default_is_refused_when_it_is_absent(key: str, expected: str) -> None:
    config = environments.make_config("prod")
    del config[key]

    sentence = environments.refusal_of_settings("prod", config)

    assert sentence == f"Pulumi.prod.yaml: azure-swarm:{key} must be {expected}; got nothing."


def test_a_misspelt_setting_is_refused() -> None:
    sentence = environments.refusal_of_settings("dev", environments.make_config("dev", manager="3"))

    assert sentence == (
        "Pulumi.dev.yaml: azure-swarm:manager must be a setting that Pulumi.yaml declares "
        f"({', '.join(settings.list_keys())}); got 'manager'."
    )


def test_settings_of_other_programs_are_none_of_ours() -> None:
    settings.refuse_unknown_keys("azure-swarm", ["azure-native:location", "azure-swarm:managers"])


def test_a_refused_setting_is_printed_without_a_traceback() -> None:
    assert issubclass(config_values.SettingError, pulumi.RunError)

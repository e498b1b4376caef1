"""The user-data of hosts."""

import yaml

import cloud_init
from tests.doubles import host_keys


def test_a_container_host_gets_its_keys_and_installs_docker() -> None:
    text = cloud_init.make_container_host(host_keys.KEYS, "azureuser")

    document = yaml.safe_load(text)
    assert text.startswith("#cloud-config\n")
    assert document["ssh_keys"]["ed25519_private"] == "PRIVATE\nKEY\n"
    assert document["runcmd"][0] == ["/usr/local/lib/azure-swarm/install-docker.sh", "azureuser"]


def test_a_jump_host_gets_no_docker() -> None:
    document = yaml.safe_load(cloud_init.make_jump_host(host_keys.KEYS))

    assert document["runcmd"] == [["/usr/local/lib/azure-swarm/harden.sh", "chrony"]]
    assert "docker" not in str([file["path"] for file in document["write_files"]])


def test_the_user_data_stays_far_below_azures_limit() -> None:
    assert len(cloud_init.make_container_host(host_keys.KEYS, "azureuser").encode()) < 65_535 / 4


def test_the_facts_that_make_the_generation_hold_no_key() -> None:
    assert "PRIVATE" not in str(cloud_init.container_host_facts("azureuser"))


def test_a_generation_follows_its_facts_and_not_their_order() -> None:
    one = cloud_init.make_generation({"size": "a", "zone": "1"})

    assert one == cloud_init.make_generation({"zone": "1", "size": "a"})
    assert one != cloud_init.make_generation({"size": "a", "zone": "2"})
    assert len(one) == 6

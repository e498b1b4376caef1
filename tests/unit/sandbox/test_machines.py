"""What a machine of the sandbox is created from."""

import base64

import pytest

import cloud_init
from providers import kit
from sandbox import arm, machines
from tests.doubles import host_keys


def make_user_data(version: str) -> bytes:
    return cloud_init.make_container_host(host_keys.KEYS, "azureuser", cloud_init.Software(version)).encode()


def test_an_engine_from_elsewhere_is_refused_in_one_sentence() -> None:
    with pytest.raises(kit.ResourceError) as caught:
        machines.refuse_other_engine("worker-0", make_user_data("28.5.1"))

    assert str(caught.value) == (
        "Machine 'worker-0': a host of the sandbox has Debian's engine in its image and installs none from "
        "download.docker.com; set dockerSource to debian here."
    )


def test_the_distributions_engine_is_taken() -> None:
    machines.refuse_other_engine("worker-0", make_user_data(""))


def test_a_machine_that_restarts_itself_comes_back() -> None:
    place = machines.Place("c", "image", {}, "network", "10.0.0.4", "volume")

    assert machines.container_body("worker-0", place)["HostConfig"]["RestartPolicy"] == {"Name": "on-failure"}


@pytest.mark.parametrize("text", ["no base64!", base64.b64encode(b"x" * 65_536).decode()])
def test_user_data_that_azure_would_refuse_is_refused(text: str) -> None:
    with pytest.raises(arm.ArmError) as caught:
        machines.decode_user_data({"osProfile": {"customData": text}})

    assert caught.value.code == "InvalidParameter"


def test_a_machine_without_user_data_has_none() -> None:
    assert machines.decode_user_data({"osProfile": {}}) == b""

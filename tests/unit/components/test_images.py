"""The images of hosts: the ways to write one, and what a machine of it is made with."""

import pytest

import cloud_init
from components import images

_COMPUTE = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/images/providers/Microsoft.Compute"
_DEFINITION = f"{_COMPUTE}/galleries/ours/images/host"
_MANAGED = f"{_COMPUTE}/images/host"
_KINVOLK = {"publisher": "kinvolk", "sku": "stable-gen2", "version": "latest"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("debian-12", "Debian:debian-12:12-gen2:latest"),
        ("debian-13", "Debian:debian-13:13-gen2:latest"),
        ("debian-13:0.20260914.2601", "Debian:debian-13:13-gen2:0.20260914.2601"),
        ("ubuntu-24.04", "Canonical:ubuntu-24_04-lts:server:latest"),
        ("flatcar", "kinvolk:flatcar-container-linux-corevm-amd64:stable-gen2:latest"),
        ("flatcar:4593.2.2", "kinvolk:flatcar-container-linux-corevm-amd64:stable-gen2:4593.2.2"),
    ],
)
def test_a_short_name_is_an_image_of_the_marketplace(name: str, text: str) -> None:
    assert images.get_image(name) == images.get_image(text)
    assert images.get_image(name).text == text


def test_an_image_of_the_marketplace_is_referred_to_by_its_parts() -> None:
    image = images.get_image("Debian:debian-12:12-gen2:0.20260914.2601")

    assert image.reference == {
        "publisher": "Debian",
        "offer": "debian-12",
        "sku": "12-gen2",
        "version": "0.20260914.2601",
    }


@pytest.mark.parametrize("text", ["debian-12", "debian-13", "ubuntu-24.04", "a:b:c:d", _DEFINITION])
def test_an_image_with_cloud_init_is_launched_trusted(text: str) -> None:
    image = images.get_image(text)

    assert (image.user_data, image.trusted_launch, image.plan) == (cloud_init.Format.CLOUD_CONFIG, True, None)


@pytest.mark.parametrize(
    "text", ["flatcar", "kinvolk:flatcar-container-linux-corevm-amd64:beta-gen2:latest", f"flatcar={_DEFINITION}"]
)
def test_flatcar_reads_ignition_and_is_not_launched_trusted(text: str) -> None:
    image = images.get_image(text)

    assert (image.user_data, image.trusted_launch, image.plan) == (cloud_init.Format.IGNITION, False, None)


@pytest.mark.parametrize("offer", ["flatcar-container-linux-free", "flatcar-container-linux"])
def test_an_offer_with_a_plan_comes_with_it(offer: str) -> None:
    image = images.get_image(f"kinvolk:{offer}:stable-gen2:latest")

    assert image.plan == {"name": "stable-gen2", "product": offer, "publisher": "kinvolk"}
    assert image.reference == {**_KINVOLK, "offer": offer}


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        (_DEFINITION, {"id": _DEFINITION}),
        (f"{_DEFINITION}/versions/1.0.0", {"id": f"{_DEFINITION}/versions/1.0.0"}),
        (f"flatcar={_MANAGED}", {"id": _MANAGED}),
        (
            "/CommunityGalleries/g-1/Images/i/Versions/1",
            {"community_gallery_image_id": "/CommunityGalleries/g-1/Images/i/Versions/1"},
        ),
        ("/SharedGalleries/g-1/images/i", {"shared_gallery_image_id": "/SharedGalleries/g-1/images/i"}),
    ],
)
def test_an_image_of_ones_own_is_referred_to_by_its_id(text: str, reference: dict[str, str]) -> None:
    assert images.get_image(text).reference == reference


def test_a_managed_image_is_not_launched_trusted() -> None:
    assert not images.get_image(_MANAGED).trusted_launch


@pytest.mark.parametrize(
    "text",
    [
        "debian",
        "debian-11",
        "debian-12:",
        "debian-12:a:b",
        "flatcar=debian-12",
        "a:b:c",
        "a:b::d",
        "a:b:c:d:e",
        "/subscriptions/x/resourceGroups/images/providers/Microsoft.Compute/images/host",
        f"{_COMPUTE}/disks/host",
        f"{_DEFINITION}/versions/",
        "",
        12,
        None,
    ],
)
def test_anything_else_is_no_image(text: object) -> None:
    assert images.find_image(text) is None
    assert images.expected_image(text) == (
        "debian-12, debian-13, ubuntu-24.04, flatcar, each with or without ':version', publisher:offer:sku:version, or "
        "the id of an image, after 'flatcar=' where it is one of Flatcar"
    )


def test_a_machine_that_needs_cloud_init_refuses_flatcar_and_what_is_no_image() -> None:
    assert images.expected_cloud_init_image("debian-13") is None
    assert images.expected_cloud_init_image("flatcar") == "an image with cloud-init"
    assert images.expected_cloud_init_image("debian") == images.EXPECTED


def test_what_was_not_checked_is_no_image_either() -> None:
    with pytest.raises(ValueError, match="got 'debian'"):
        images.get_image("debian")

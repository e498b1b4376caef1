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


@pytest.mark.parametrize(
    "text",
    [
        "Debian:debian-12:12:latest",
        "Debian:debian-13:13:0.20260914.2601",
        "debian:debian-11:11:latest",
        "Debian:debian-12:12-backports:latest",
        "Canonical:0001-com-ubuntu-server-jammy:22_04-lts:latest",
        "Canonical:ubuntu-24_04-lts:server-gen1:latest",
    ],
)
def test_an_image_of_generation_1_is_refused_since_azure_launches_none_trusted(text: str) -> None:
    assert images.expected_image(text) == (
        "an image of generation 2, such as Debian:debian-12:12-gen2:latest: Azure launches no other one trusted"
    )
    assert images.expected_cloud_init_image(text) == images.expected_image(text)


@pytest.mark.parametrize(
    "text",
    [
        "Debian:debian-12:12-gen2:latest",
        "Debian:debian-12:12-backports-gen2:latest",
        "Debian:debian-12:12-arm64:latest",
        "Canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2:latest",
        "Canonical:0001-com-ubuntu-server-jammy:22_04-lts-arm64:latest",
        "Canonical:ubuntu-24_04-lts:server:latest",
        "Canonical:ubuntu-24_04-lts:minimal:latest",
        "kinvolk:flatcar-container-linux-free:stable:latest",
    ],
)
def test_an_image_of_generation_2_or_without_trusted_launch_fits(text: str) -> None:
    assert images.expected_image(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "MicrosoftWindowsServer:WindowsServer:2025-datacenter-g2:latest",
        "microsoftwindowsserver:WindowsServer:2022-datacenter:latest",
        "MicrosoftWindowsDesktop:windows-11:win11-24h2-pro:latest",
    ],
)
def test_an_image_of_windows_is_refused(text: str) -> None:
    assert images.expected_image(text) == "an image of Linux"


_X64 = "a size of x64 processors, as those of the image are; the letter p stands for Arm"
_ARM = "a size of Arm processors (with the letter p), as those of the image are"


@pytest.mark.parametrize(
    ("image", "size", "expected"),
    [
        ("debian-12", "Standard_D2as_v5", None),
        ("debian-12", "Standard_D2ps_v5", _X64),
        ("ubuntu-24.04", "Standard_B2pts_v2", _X64),
        ("flatcar", "Standard_E4pds_v5", _X64),
        ("Debian:debian-12:12-arm64:latest", "Standard_D2ps_v5", None),
        ("Canonical:ubuntu-24_04-lts:server-arm64:latest", "Standard_D2plds_v6", None),
        ("kinvolk:flatcar-container-linux-corevm:stable:latest", "Standard_D2ps_v5", None),
        ("Debian:debian-12:12-arm64:latest", "Standard_D2as_v5", _ARM),
        (_DEFINITION, "Standard_D2ps_v5", None),
        (_DEFINITION, "Standard_D2as_v5", None),
        ("almalinux:almalinux-arm:9-arm-gen2:latest", "Standard_D2as_v5", _ARM),
        ("a:b:c:d", "Standard_D2ps_v5", None),
        ("a:alarm:c:d", "Standard_D2as_v5", None),
        ("debian-12", "Standard_Surprise", None),
    ],
)
def test_a_size_has_the_processors_of_the_image(image: str, size: str, expected: str | None) -> None:
    assert images.expected_size(size, image) == expected


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


@pytest.mark.parametrize(
    ("image", "version", "engine"),
    [
        ("debian-12", "", 20),
        ("Debian:debian-13:13-gen2:latest", "", 26),
        ("debian-12", "28.5.1", 28),
        ("ubuntu-24.04", "", None),
        ("/CommunityGalleries/ours-1/Images/host", "", None),
    ],
)
def test_the_engine_of_a_host_is_told_where_its_distribution_keeps_one(
    image: str, version: str, engine: int | None
) -> None:
    assert images.find_engine(image, version) == engine

"""The images of hosts: by a short name, as publisher:offer:sku:version, or by the id of an image of one's own. Pure.

The short names: https://learn.microsoft.com/azure/virtual-machines/linux/endorsed-distros,
https://www.flatcar.org/docs/latest/installing/cloud/azure/
"""

import dataclasses
import re
from collections.abc import Mapping

import cloud_init

_LATEST = "latest"
# All of generation 2, x64.
_NAMED = {
    "debian-12": "Debian:debian-12:12-gen2",
    "debian-13": "Debian:debian-13:13-gen2",
    "ubuntu-24.04": "Canonical:ubuntu-24_04-lts:server",
    # The offer without a plan, whose terms nobody has to accept.
    "flatcar": "kinvolk:flatcar-container-linux-corevm-amd64:stable-gen2",
}
_FLATCARS_PUBLISHER = "kinvolk"
# Offers of the marketplace that take a plan, with terms that must be accepted once in a subscription.
_WITH_PLAN = ("flatcar-container-linux-free", "flatcar-container-linux")
_PARTS = 4
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_PART = re.compile(_NAME)
_OF_A_GALLERY = rf"{_NAME}/[iI]mages/{_NAME}(/[vV]ersions/{_NAME})?"
_GROUP = r"/subscriptions/[0-9a-fA-F-]{36}/resourceGroups/[\w.()-]+/providers/Microsoft\.Compute"
# The forms of ids, the key under which an image reference has each, and whether it can be launched trusted.
_IDS = (
    (re.compile(rf"{_GROUP}/galleries/{_OF_A_GALLERY}"), "id", True),
    (re.compile(rf"{_GROUP}/images/{_NAME}"), "id", False),
    (re.compile(rf"/CommunityGalleries/{_OF_A_GALLERY}"), "community_gallery_image_id", True),
    (re.compile(rf"/SharedGalleries/{_OF_A_GALLERY}"), "shared_gallery_image_id", True),
)
_FLATCAR_ID = "flatcar="
EXPECTED = (
    f"{', '.join(_NAMED)}, each with or without ':version', publisher:offer:sku:version, or the id of an image, after "
    f"'{_FLATCAR_ID}' where it is one of Flatcar"
)


@dataclasses.dataclass(frozen=True)
class Image:
    """An image, and what a machine of it is made with.

    `text` is the same for every way to write the image, so that another way is no other generation. `reference` has
    Azure's keys. `plan` is what the marketplace wants for some offers.
    """

    text: str
    reference: Mapping[str, str]
    user_data: cloud_init.Format = cloud_init.Format.CLOUD_CONFIG
    trusted_launch: bool = True
    plan: Mapping[str, str] | None = None


def find_image(text: object) -> Image | None:
    """Gives the image that a text is about; None when it is about none."""
    if not isinstance(text, str):
        return None
    given, _, version = (text if ":" in text else f"{text}:{_LATEST}").partition(":")
    if given in _NAMED and _PART.fullmatch(version):
        return _make_offered(f"{_NAMED[given]}:{version}".split(":"))
    parts = text.split(":")
    if len(parts) == _PARTS and all(_PART.fullmatch(part) for part in parts):
        return _make_offered(parts)
    return _find_own(text)


def expected_image(text: object) -> str | None:
    """Checks an image."""
    return None if find_image(text) else EXPECTED


def expected_docker_source(image: object, docker_version: object) -> str | None:
    """Checks that no version of Docker is asked for where the image brings its own."""
    found = find_image(image)
    brings = found is not None and found.user_data is cloud_init.Format.IGNITION
    return "'' where the image is Flatcar's, which brings Docker's engine" if brings and docker_version else None


def expected_cloud_init_image(text: object) -> str | None:
    """Checks the image of a machine whose user-data is for cloud-init alone."""
    found = find_image(text)
    if found is None:
        return EXPECTED
    return None if found.user_data is cloud_init.Format.CLOUD_CONFIG else "an image with cloud-init"


def get_image(text: str) -> Image:
    """Gives the image of a text that was checked."""
    found = find_image(text)
    if found is None:
        raise ValueError(f"An image must be {EXPECTED}; got {text!r}.")
    return found


def _make_offered(parts: list[str]) -> Image:
    publisher, offer, sku, version = parts
    reference = {"publisher": publisher, "offer": offer, "sku": sku, "version": version}
    if publisher.lower() != _FLATCARS_PUBLISHER:
        return Image(":".join(parts), reference)
    plan = {"name": sku, "product": offer, "publisher": publisher} if offer in _WITH_PLAN else None
    return Image(":".join(parts), reference, cloud_init.Format.IGNITION, trusted_launch=False, plan=plan)


def _find_own(text: str) -> Image | None:
    own, flatcar = text.removeprefix(_FLATCAR_ID), text.startswith(_FLATCAR_ID)
    form = cloud_init.Format.IGNITION if flatcar else cloud_init.Format.CLOUD_CONFIG
    for pattern, key, trusted in _IDS:
        if pattern.fullmatch(own):
            return Image(text, {key: own}, form, trusted_launch=trusted and not flatcar)
    return None

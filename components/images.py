"""The images of hosts: by a short name, as publisher:offer:sku:version, or by the id of an image of one's own. Pure.

The short names: https://learn.microsoft.com/azure/virtual-machines/linux/endorsed-distros,
https://www.flatcar.org/docs/latest/installing/cloud/azure/
"""

import dataclasses
import re
from collections.abc import Mapping

import cloud_init
from components import sizes

_LATEST = "latest"
# All of generation 2, x64.
_NAMED = {
    "debian-12": "Debian:debian-12:12-gen2",
    "debian-13": "Debian:debian-13:13-gen2",
    "ubuntu-24.04": "Canonical:ubuntu-24_04-lts:server",
    # The offer without a plan, whose terms nobody has to accept.
    "flatcar": "kinvolk:flatcar-container-linux-corevm-amd64:stable-gen2",
}
# The first number of the version of Docker's engine in a distribution, where it stays the same for its whole life.
_ENGINES = {"debian-12": 20, "debian-13": 26}
_FLATCARS_PUBLISHER = "kinvolk"
# Offers of the marketplace that take a plan, with terms that must be accepted once in a subscription.
_WITH_PLAN = ("flatcar-container-linux-free", "flatcar-container-linux")
# Of these offers what says nothing else is of generation 1, which Azure does not launch trusted.
_FIRST_GENERATION = (("debian", re.compile(r"debian-.*")), ("canonical", re.compile(r"0001-com-ubuntu-.*")))
_WINDOWS = "microsoftwindows"
_FOR_ARM = re.compile(r"(?<![a-z])arm(64)?(?![a-z])")
# This offer is that for x64 without its ending.
_FLATCAR_FOR_ARM = "flatcar-container-linux-corevm"
# Whose images for Arm say so in their names.
_TELLING = ("debian", "canonical", _FLATCARS_PUBLISHER)
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
    Azure's keys. `plan` is what the marketplace wants for some offers. `arm` is None where nobody can tell.
    """

    text: str
    reference: Mapping[str, str]
    user_data: cloud_init.Format = cloud_init.Format.CLOUD_CONFIG
    trusted_launch: bool = True
    plan: Mapping[str, str] | None = None
    arm: bool | None = None


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
    found = find_image(text)
    return EXPECTED if found is None else _expected_offer(found)


def expected_size(size: str, text: str) -> str | None:
    """Checks that a size has the processors of an image that was checked; nobody can tell those of one's own."""
    arm, sized = get_image(text).arm, sizes.is_arm(size)
    if arm is None or arm is sized:
        return None
    if arm:
        return "a size of Arm processors (with the letter p), as those of the image are"
    return "a size of x64 processors, as those of the image are; the letter p stands for Arm"


def expected_docker_source(image: object, docker_version: object) -> str | None:
    """Checks that no version of Docker is asked for where the image brings its own."""
    found = find_image(image)
    brings = found is not None and found.user_data is cloud_init.Format.IGNITION
    return "'' where the image is Flatcar's, which brings Docker's engine" if brings and docker_version else None


def find_engine(text: str, docker_version: str) -> int | None:
    """Gives the first number of the version of Docker's engine on a host of an image; None where nobody can tell."""
    if docker_version:
        return int(docker_version.partition(".")[0])
    return _ENGINES.get(get_image(text).reference.get("offer", ""))


def expected_cloud_init_image(text: object) -> str | None:
    """Checks the image of a machine whose user-data is for cloud-init alone."""
    found = find_image(text)
    if found is None or expected_image(text) is not None:
        return expected_image(text)
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
    says = _FOR_ARM.search(f"{offer}:{sku}".lower()) is not None or offer == _FLATCAR_FOR_ARM
    arm = says if says or publisher.lower() in _TELLING else None
    if publisher.lower() != _FLATCARS_PUBLISHER:
        return Image(":".join(parts), reference, arm=arm)
    plan = {"name": sku, "product": offer, "publisher": publisher} if offer in _WITH_PLAN else None
    return Image(":".join(parts), reference, cloud_init.Format.IGNITION, trusted_launch=False, plan=plan, arm=arm)


def _expected_offer(image: Image) -> str | None:
    publisher, offer, sku = (image.reference.get(key, "").lower() for key in ("publisher", "offer", "sku"))
    if publisher.startswith(_WINDOWS):
        return "an image of Linux"
    old = any(publisher == one and pattern.fullmatch(offer) for one, pattern in _FIRST_GENERATION)
    first = "gen1" in sku or (old and "gen2" not in sku and not image.arm)
    expected = "an image of generation 2, such as Debian:debian-12:12-gen2:latest: Azure launches no other one trusted"
    return expected if first and image.trusted_launch else None


def _find_own(text: str) -> Image | None:
    own, flatcar = text.removeprefix(_FLATCAR_ID), text.startswith(_FLATCAR_ID)
    form = cloud_init.Format.IGNITION if flatcar else cloud_init.Format.CLOUD_CONFIG
    for pattern, key, trusted in _IDS:
        if pattern.fullmatch(own):
            return Image(text, {key: own}, form, trusted_launch=trusted and not flatcar)
    return None

"""Sizes that this sandbox has no room for, so that what Azure says then can be seen: SANDBOX_UNAVAILABLE_SIZES."""

from collections.abc import Collection

from providers.kit.resource import Plain
from sandbox import arm


def refuse_unavailable(unavailable: Collection[str], inputs: Plain) -> None:
    """Raises Azure's refusal where the size, or the size in this zone as `size@zone`, is not to be had."""
    size, zones = inputs["hardwareProfile"]["vmSize"], inputs.get("zones") or []
    if not {size, *(f"{size}@{zone}" for zone in zones)} & set(unavailable):
        return
    raise arm.ArmError(
        409,
        "SkuNotAvailable",
        "The requested VM size for resource 'Following SKUs have failed for Capacity Restrictions: "
        f"{size}' is currently not available in location '{inputs['location']}'. Please try another size or deploy to "
        "a different location or different zone. See https://aka.ms/azureskunotavailable for details.",
    )

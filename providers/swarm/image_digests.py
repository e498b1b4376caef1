"""The digests behind the images of a service, told in previews: what a tag names today it need not name tomorrow."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from providers import kit
from providers.swarm import specs
from providers.swarm.cluster import Cluster

_SECONDS = 5


async def describe_change(
    cluster: Cluster, name: str, before: Any, after: Any, account: Mapping[str, str] | None
) -> str | None:
    """Tells a change of image with both digests; None where there is none, or where both images say their digests."""
    if not isinstance(before, str) or not isinstance(after, str) or not _is_told(before, after):
        return None
    known = None if kit.contains_unknown(account) else account
    # What runs is on its host; what is to run is in its registry.
    old, new = await asyncio.gather(
        _find(cluster, before, known, _ask_engine, _ask_registry),
        _find(cluster, after, known, _ask_registry, _ask_engine),
    )
    return f"Service '{name}' gets another image: {old} -> {new}."


def _is_told(before: str, after: str) -> bool:
    """Tells whether there is a change whose digests Pulumi's own diff does not show."""
    return before != after and not specs.is_pinned(after, before) and not ("@" in before and "@" in after)


def get_image(spec: Any) -> Any:
    """Gives the image of a ServiceSpec; None where it is not known yet."""
    for key in ("TaskTemplate", "ContainerSpec", "Image"):
        spec = spec.get(key) if isinstance(spec, Mapping) else None
    return spec


_Ask = Callable[[Cluster, str, Mapping[str, str] | None], Awaitable[str]]


async def _find(cluster: Cluster, image: str, account: Mapping[str, str] | None, *asked: _Ask) -> str:
    """Gives the image with the digest that the first one knows."""
    if "@" in image:
        return image
    for ask in asked:
        try:
            # A registry that is out of reach must not hold up the preview.
            async with asyncio.timeout(_SECONDS):
                digest = await ask(cluster, image, account)
        except (kit.ResourceError, TimeoutError):
            continue
        if digest:
            return f"{image} ({digest})"
    return f"{image} (digest not known)"


async def _ask_registry(cluster: Cluster, image: str, account: Mapping[str, str] | None) -> str:
    found = await cluster.request("GET", f"/distribution/{image}/json", registry_auth=account)
    return str(found["Descriptor"]["digest"])


async def _ask_engine(cluster: Cluster, image: str, _account: Mapping[str, str] | None) -> str:
    digests = (await cluster.request("GET", f"/images/{image}/json")).get("RepoDigests") or []
    return next((str(one).partition("@")[2] for one in digests), "")

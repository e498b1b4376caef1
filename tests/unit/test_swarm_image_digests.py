"""Previews of another image: which digests the old and the new one mean."""

from typing import Any

import pytest

from providers import kit
from tests.doubles import world


def _service(image: Any) -> dict[str, Any]:
    return {"name": "shop_web", "spec": {"TaskTemplate": {"ContainerSpec": {"Image": image}}, "Mode": {"Global": {}}}}


def _shop(image: str) -> tuple[world.World, world.Made]:
    here = world.World("manager-0")
    here.join_all()
    here.swarm.objects.digests = {"web:1": "sha256:aa", "web:2": "sha256:bb"}
    return here, here.create("Service", _service(image))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("web:1", "web:2", "web:1 (sha256:aa) -> web:2 (sha256:bb)"),
        ("web:1", "web:3", "web:1 (sha256:aa) -> web:3 (digest not known)"),
        ("web:1", "web@sha256:cc", "web:1 (sha256:aa) -> web@sha256:cc"),
        ("web@sha256:cc", "web:1", "web@sha256:cc -> web:1 (sha256:aa)"),
    ],
)
def test_both_digests_are_told(before: str, after: str, told: str) -> None:
    here, made = _shop(before)

    here.foresee_update(made, **_service(after))

    assert here.warned == [f"Service 'shop_web' gets another image: {told}."]


@pytest.mark.parametrize("after", ["web:1", "web:2@sha256:bb", kit.UNKNOWN])
def test_what_the_diff_shows_or_nobody_knows_is_not_told(after: Any) -> None:
    here, made = _shop("web:1@sha256:aa")

    here.foresee_update(made, **_service(after))

    assert here.warned == []

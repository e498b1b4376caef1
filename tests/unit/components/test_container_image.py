"""Images that are built here."""

import os
import pathlib
from typing import Any

import pytest

from components import container_image, private_registry
from tests.unit import deploying
from tests.unit.components import building

_BUILD = "docker:index/remoteImage:RemoteImage"
_PUSH = "docker:index/registryImage:RegistryImage"


@pytest.fixture
def context(tmp_path: pathlib.Path) -> pathlib.Path:
    """Gives a build context."""
    (tmp_path / "Dockerfile").write_text("FROM debian:bookworm-slim\n")
    (tmp_path / "run").write_text("#!/bin/sh\n")
    return tmp_path


def _program(context: pathlib.Path, /, **changes: Any) -> Any:
    args = {"repository": "shop/web", "context": str(context), **changes}
    return lambda: _create_image(args)


def _create_image(args: Any) -> container_image.ContainerImage:
    merged: Any = args if "registry" in args else {**args, "registry": building.create_registry()}
    return container_image.ContainerImage("shop-web", merged)


def _tag(context: pathlib.Path, **changes: Any) -> str:
    inputs = deploying.deploy(_program(context, **changes)).one(_BUILD).inputs
    return str(inputs["name"]).rpartition(":")[2]


def test_the_image_is_built_under_a_tag_of_its_content(context: pathlib.Path) -> None:
    inputs = deploying.deploy(_program(context)).one(_BUILD).inputs

    content = container_image.hash_context(context, ["FROM debian:bookworm-slim\n", "", "[]"])
    assert inputs["name"] == f"images.azurecr.io/shop/web:{content}"
    assert inputs["triggers"] == {"content": content}


def test_the_build_is_what_the_file_says(context: pathlib.Path) -> None:
    (context / "Other").write_text("FROM scratch\n")
    build = deploying.deploy(_program(context, dockerfile="Other", target="last", build_args={"A_B": "c"})).one(_BUILD)

    assert build.inputs["build"] == {
        "context": os.path.relpath(context),
        "dockerfile": "Other",
        "target": "last",
        "buildArgs": {"A_B": "c"},
    }


def test_what_was_pushed_stays_for_a_rollback(context: pathlib.Path) -> None:
    push = deploying.deploy(_program(context)).one(_PUSH)

    assert push.inputs["keepRemotely"] is True
    assert push.inputs["triggers"]["image"] == "image-shop-web-build"
    assert push.provider == "registry-docker"


def test_the_reference_is_the_digest_that_was_pushed(context: pathlib.Path) -> None:
    references: list[str] = []
    program = _program(context)

    deploying.deploy(lambda: program().reference.apply(references.append))

    assert references == [f"images.azurecr.io/shop/web@{deploying.DIGEST}"]


@pytest.mark.parametrize("changes", [{"target": "last"}, {"build_args": {"A": "b"}}])
def test_another_build_has_another_tag(context: pathlib.Path, changes: dict[str, Any]) -> None:
    assert _tag(context, **changes) != _tag(context)


def test_another_content_has_another_hash(context: pathlib.Path) -> None:
    before = container_image.hash_context(context, [])
    (context / "run").write_text("#!/bin/sh\nexit 1\n")

    assert container_image.hash_context(context, []) != before


def test_another_run_bit_has_another_hash(context: pathlib.Path) -> None:
    before = container_image.hash_context(context, [])
    (context / "run").chmod(0o755)

    assert container_image.hash_context(context, []) != before


def test_another_target_of_a_link_has_another_hash(context: pathlib.Path) -> None:
    (context / "link").symlink_to("run")
    before = container_image.hash_context(context, [])
    (context / "link").unlink()
    (context / "link").symlink_to("Dockerfile")

    assert container_image.hash_context(context, []) != before


def test_times_and_compiled_python_change_no_hash(context: pathlib.Path) -> None:
    before = container_image.hash_context(context, [])
    (context / "__pycache__").mkdir()
    (context / "__pycache__" / "run.pyc").write_bytes(b"1")
    os.utime(context / "run", (1, 1))

    assert container_image.hash_context(context, []) == before


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"registry": "r"}, "registry must be a PrivateRegistry; got 'r'."),
        ({"context": "nowhere"}, "context must be a folder with a Dockerfile; got 'nowhere'."),
        ({"build_args": "A=b"}, "build_args must be a mapping of names to values; got 'A=b'."),
        ({"target": 5}, "target must be the name of a stage; got 5."),
        ({"dockerfile": 5}, "dockerfile must be a path below the context; got 5."),
        ({"after": "shop-api"}, "after must be a ContainerImage; got 'shop-api'."),
        ({"context": 5}, "context must be the path of a folder; got 5."),
        (
            {"repository": "Shop"},
            "repository must be lower-case words joined by '/', '-', '_' or '.', such as 'shop/web'; got 'Shop'.",
        ),
        (
            {"tag": "1"},
            "every input must be one of after, build_args, context, dockerfile, registry, repository, target; "
            "got 'tag'.",
        ),
    ],
)
def test_a_wrong_input_is_refused(context: pathlib.Path, change: dict[str, Any], refusal: str) -> None:
    registry = building.make_blank(private_registry.PrivateRegistry)
    sentence = deploying.refusal_of(_program(context, **{"registry": registry, **change}))

    assert sentence == f"ContainerImage 'shop-web': {refusal}"

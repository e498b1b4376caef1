"""The names of the sandbox's images follow what the images are made from."""

import pathlib
import re
import shutil
import subprocess

from sandbox.images import names

IMAGES = pathlib.Path(names.__file__).parent


def print_names(folder: pathlib.Path) -> str:
    return subprocess.run(["python3", folder / "names.py"], capture_output=True, text=True, check=True).stdout


def test_the_script_prints_what_the_functions_return() -> None:
    assert print_names(IMAGES) == (
        f"base={names.base_image()}\nnode={names.node_image()}\nservices={names.services_image()}\n"
    )


def test_a_tag_is_a_short_hash() -> None:
    assert re.fullmatch(r"azure-swarm/node:[0-9a-f]{12}", names.node_image())


def test_a_changed_file_changes_the_tag_of_its_image_alone(tmp_path: pathlib.Path) -> None:
    copy = shutil.copytree(IMAGES, tmp_path / "images")
    (copy / "node/entrypoint").write_text("#!/bin/sh\n")

    changed = print_names(copy)

    assert names.node_image() not in changed
    assert names.services_image() in changed

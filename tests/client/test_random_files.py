"""Random files: what the real `docker stack deploy` makes of them and what we make, or that both refuse them."""

import json
import os
import pathlib
import random
from collections.abc import Callable, Iterator

import pytest

import compose
from tests.client import random_files
from tests.unit.compose import normal_form, real_deploy

_FIXED_SEED = 20_000
_CASES = int(os.environ.get("COMPOSE_RANDOM_CASES", "40"))
_ENVIRONMENT = {"HOME": "/home/somebody", "SET": "value", "YES": "yes", "THREE": "3"}


@pytest.fixture(scope="module")
def swarm() -> Iterator[real_deploy.EmptySwarm]:
    with real_deploy.EmptySwarm() as started:
        yield started


def _write(directory: pathlib.Path, seed: int) -> list[pathlib.Path]:
    generator = random_files.Generator(seed)
    base = generator.file()
    (directory / "data.txt").write_text("data")
    files = [directory / "compose.yaml", directory / "over.yaml"]
    for file, value in zip(files, (base, generator.over(base)), strict=True):
        file.write_text(json.dumps(value, ensure_ascii=False))
    return files[: 1 + seed % 2]


def _write_damaged(directory: pathlib.Path, seed: int) -> list[pathlib.Path]:
    (directory / "data.txt").write_text("data")
    file = directory / "compose.yaml"
    file.write_text(json.dumps(random_files.Generator(seed).damaged(), ensure_ascii=False))
    return [file]


@pytest.mark.skipif(real_deploy.CLIENT is None, reason=real_deploy.NO_CLIENT)
@pytest.mark.parametrize("write", [_write, _write_damaged])
@pytest.mark.parametrize("seed", [*range(_FIXED_SEED, _FIXED_SEED + _CASES), random.SystemRandom().randrange(10**6)])
def test_both_make_the_same(
    swarm: real_deploy.EmptySwarm,
    tmp_path: pathlib.Path,
    seed: int,
    write: Callable[[pathlib.Path, int], list[pathlib.Path]],
) -> None:
    files = write(tmp_path, seed)

    deployed = swarm.deploy(files, "st", _ENVIRONMENT)
    try:
        project = compose.load(files, "st", environment=_ENVIRONMENT, dialect=compose.Dialect.STACK)
        made = normal_form.of_converted(compose.convert(project))
    except compose.ComposeError as error:
        made = {"refused": str(error)}

    refused = {"refused": made.get("refused", "only by docker stack deploy: " + deployed.messages)}
    assert made == (refused if deployed.status else normal_form.of_deployed(deployed))

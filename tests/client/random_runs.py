"""Runs random files through the real client and through this package, on a few threads, and tells what differs."""

import concurrent.futures
import json
import os
import pathlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import compose
from compose import go_yaml, model, sections, stack_schema
from tests.client import random_files
from tests.unit.compose import normal_form, real_deploy

ENVIRONMENT = {"HOME": "/home/somebody", "SET": "value", "YES": "yes", "THREE": "3"}
# What our model keeps for a warning alone.
_NOTES = ("host_ip", "ignored")
_THREADS = (os.cpu_count() or 1) + 1

Compare = Callable[[real_deploy.EmptySwarm, pathlib.Path, int], Iterator[str]]


def run(compare: Compare, seeds: Sequence[int]) -> list[str]:
    """Compares one file, or two, for each seed; gives a sentence for each that differs."""
    with concurrent.futures.ThreadPoolExecutor(_THREADS) as pool:
        shares = pool.map(lambda first: _run_share(compare, seeds[first::_THREADS]), range(_THREADS))
        return [sentence for share in shares for sentence in share]


def _run_share(compare: Compare, seeds: Sequence[int]) -> list[str]:
    with real_deploy.EmptySwarm() as swarm, tempfile.TemporaryDirectory() as directory:
        return [
            f"seed {seed}: {sentence}" for seed in seeds for sentence in compare(swarm, pathlib.Path(directory), seed)
        ]


def compare_valid(swarm: real_deploy.EmptySwarm, directory: pathlib.Path, seed: int) -> Iterator[str]:
    """Compares a valid file, for every second seed with another one over it: as loaded, and as sent to the engine."""
    generator = random_files.Generator(seed)
    base = generator.file()
    files = _write(directory, [base, generator.over(base)][: 1 + seed % 2])
    project, refused = _load(files)
    yield from _compare_sent(swarm, files, project, refused)
    if project is not None:
        yield from _compare_loaded(files, project)


def compare_damaged(swarm: real_deploy.EmptySwarm, directory: pathlib.Path, seed: int) -> Iterator[str]:
    """Compares a file in which one value is mostly wrong: both refuse it, or send the same."""
    files = _write(directory, [random_files.Generator(seed).damaged()])
    yield from _compare_sent(swarm, files, *_load(files))


def _write(directory: pathlib.Path, values: list[dict[str, Any]]) -> list[pathlib.Path]:
    (directory / "data.txt").write_text("data")
    files = [directory / f"{index}.yaml" for index in range(len(values))]
    for file, value in zip(files, values, strict=True):
        file.write_text(json.dumps(value, ensure_ascii=False))
    return files


def _load(files: list[pathlib.Path]) -> tuple[compose.Project | None, str]:
    try:
        return compose.load(files, "st", environment=ENVIRONMENT, dialect=compose.Dialect.STACK), ""
    except compose.ComposeError as error:
        return None, str(error)


def _compare_sent(
    swarm: real_deploy.EmptySwarm, files: list[pathlib.Path], project: compose.Project | None, refused: str
) -> Iterator[str]:
    deployed = swarm.deploy(files, "st", ENVIRONMENT)
    made: dict[str, Any] = {}
    if project is not None:
        try:
            made = normal_form.of_converted(compose.convert(project))
        except compose.ComposeError as error:
            refused = str(error)
    if deployed.status and not refused:
        yield f"refused by docker stack deploy alone: {deployed.messages}"
    elif refused and not deployed.status:
        yield f"refused by us alone: {refused}"
    elif not refused:
        yield from _differences("sent", normal_form.of_deployed(deployed), made)


def _compare_loaded(files: list[pathlib.Path], project: compose.Project) -> Iterator[str]:
    """Compares the model: what `docker stack config` prints is read without variables, paths and merging."""
    status, printed = real_deploy.print_config(files, ENVIRONMENT)
    if status:
        yield f"refused by docker stack config alone: {printed.decode()}"
        return
    document = go_yaml.read_text(printed, files[0])
    source = sections.Source(document, _distinct(document.value), files[0].parent, files[0].parent, {})
    read = sections.read(source, stack_schema.FILE, project.options, lambda *_: None)
    for section in model.SECTIONS:
        yield from _differences(section, _bare(read.get(section, {})), _bare(_distinct(getattr(project, section))))


def _distinct(value: Any) -> Any:
    """Leaves out what stands twice in a list: merged lists may hold the same entry twice, lists of a file may not."""
    if isinstance(value, dict):
        return {key: _distinct(item) for key, item in value.items() if key not in _NOTES}
    if isinstance(value, list):
        items = [_distinct(item) for item in value]
        return [item for index, item in enumerate(items) if item not in items[:index]]
    return value


def _bare(value: Any) -> Any:
    """Leaves out what is empty, zero or false: the client prints none of it. What is sent is compared with it."""
    if isinstance(value, dict):
        return {key: bare for key, item in value.items() if (bare := _bare(item)) or _is_said(key, item)}
    return [_bare(item) for item in value] if isinstance(value, list) else value


def _is_said(key: str, item: Any) -> bool:
    """Tells whether an empty value is printed: it is in mappings of the user's own keys, such as labels."""
    return isinstance(item, str) and key != "hostname"


def _differences(path: str, docker: Any, ours: Any) -> Iterator[str]:
    if isinstance(docker, dict) and isinstance(ours, dict):
        for key in sorted({**docker, **ours}):
            yield from _differences(f"{path}.{key}", docker.get(key), ours.get(key))
    elif docker != ours:
        yield f"{path}: docker has {docker!r}, we have {ours!r}"

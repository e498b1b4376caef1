"""Damaged files: whatever comes, loading raises nothing but its own error, in little time and memory."""

import contextlib
import pathlib
import random
import time
import tracemalloc

import pytest

import compose
from compose import checking, model
from tests.unit.compose import case_files

_SEEDS = range(300)
_PIECES = (
    "*a",
    "&a ",
    "<<: ",
    "{",
    "}",
    "[",
    "]",
    "- ",
    ": ",
    "!!int ",
    "!x ",
    "${",
    "$",
    "\0",
    '"\\0"',
    "|\n",
    "\t",
    "é",
    "?",
)
_LARGE = 100 * 1024
_BOMBS = {
    "aliases": "x-0: &a0 [x, x, x, x]\n"
    + "\n".join(f"x-{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}]" for i in range(1, 40)),
    "merges": "x-0: &a0 {k: v}\n"
    + "\n".join(f"x-{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}], k{i}: v}}" for i in range(1, 40)),
    "long text": 'x-0: &a "' + "$$" * 20_000 + '"\nx-1: [' + "*a," * 15_000 + "]",
    "brackets": "[" * _LARGE,
    "braces": "{" * _LARGE,
    "dashes": "- " * (_LARGE // 2),
    "questions": "? " * (_LARGE // 2),
    "digits": "services: {a: {image: x, stop_grace_period: " + "9" * _LARGE + "s}}",
    "number": "services: {a: {image: x, environment: {A: " + "9" * _LARGE + "}}}",
    "image": "services: {a: {image: " + "a-" * (_LARGE // 2) + "}}",
    "size": "services: {a: {image: x, deploy: {resources: {limits: {memory: '" + "1 " * (_LARGE // 2) + "'}}}}}",
    "cpus": "services: {a: {image: x, deploy: {resources: {limits: {cpus: '1e999'}}}}}",
    "key": "services: {a: {image: x, " + "k" * _LARGE + ": 1}}",
    "command": "services: {a: {image: x, command: '" + '\\"' * (_LARGE // 2) + "'}}",
    "variables": "services: {a: {image: '" + "${A-" * (_LARGE // 4) + "'}}",
    "nested variables": "services: {a: {image: '" + "${A:-" * 10_000 + "}" * 10_000 + "'}}",
    "keys": "x-a: {" + ",".join(f"k{i}: v" for i in range(10_000)) + "}",
    "port": "services: {a: {image: x, ports: ['0-65535']}}",
    "ports of one list": "services: {a: {image: x, ports: [" + ",".join(f"'0-65535:{i}'" for i in range(6000)) + "]}}",
    "ports of many services": "x-a: &a {image: x, ports: ['0-65535']}\nservices: {"
    + ",".join(f"s{i}: *a" for i in range(5000))
    + "}",
    "inheritance": "services: {a: {image: x, environment: {"
    + ",".join(f"K{i}: v" for i in range(4000))
    + "}},"
    + ",".join(f"s{i}: {{extends: a}}" for i in range(2500))
    + "}",
    "chain of inheritance": "services: {s3000: {image: x},"
    + ",".join(f"s{i}: {{extends: s{i + 1}}}" for i in range(3000))
    + "}",
    "chain of dependencies": "services: {s2000: {image: x},"
    + ",".join(f"s{i}: {{image: x, depends_on: [s{i + 1}]}}" for i in range(2000))
    + "}",
    "null in a path": 'services: {a: {image: x, env_file: "a\\0b"}}',
    "long path": "services: {a: {image: x, env_file: " + "a" * 5000 + "}}",
    "recursion": "x-a: &a [*a]",
}


def _damage(text: str, seed: int) -> str:
    pick = random.Random(seed)
    for _ in range(pick.randint(1, 6)):
        start = pick.randrange(len(text) + 1)
        text = text[:start] + pick.choice(_PIECES) + text[start + pick.choice((0, 0, 1, 5, 40)) :]
    return text


def _try_to_load(file: pathlib.Path, dialect: compose.Dialect | None) -> None:
    with contextlib.suppress(compose.ComposeError):
        compose.convert(compose.load([file], "st", environment={}, dialect=dialect))


@pytest.mark.parametrize("seed", _SEEDS)
def test_a_damaged_file_is_loaded_or_refused(tmp_path: pathlib.Path, seed: int) -> None:
    cases = sorted(case_files.ROOT.glob("[a-qs-z]*/*.yaml"))
    file = tmp_path / "compose.yaml"
    file.write_text(_damage(random.Random(seed).choice(cases).read_text(), seed), errors="surrogateescape")

    _try_to_load(file, random.Random(seed).choice((None, *compose.Dialect)))


@pytest.mark.parametrize("seed", _SEEDS)
def test_all_that_is_refused_in_a_damaged_file_is_found_once(tmp_path: pathlib.Path, seed: int) -> None:
    cases = sorted(case_files.ROOT.glob("[a-qs-z]*/*.yaml"))
    file = tmp_path / "compose.yaml"
    file.write_text(_damage(random.Random(seed).choice(cases).read_text(), seed), errors="surrogateescape")

    found = checking.find_refused([file], "st", model.Options({}), None)

    assert len(found) == len(set(found))


@pytest.mark.parametrize("dialect", compose.Dialect)
@pytest.mark.parametrize("bomb", _BOMBS)
def test_a_bomb_goes_off_in_little_time_and_memory(tmp_path: pathlib.Path, bomb: str, dialect: compose.Dialect) -> None:
    file = tmp_path / "compose.yaml"
    file.write_text(_BOMBS[bomb])

    started = time.process_time()
    _try_to_load(file, dialect)
    took = time.process_time() - started

    assert took < max(1.0, file.stat().st_size / _LARGE)


def test_a_bomb_needs_little_memory(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "compose.yaml"
    tracemalloc.start()
    try:
        for bomb in ("aliases", "merges", "long text", "keys", "port", "ports of many services", "inheritance"):
            file.write_text(_BOMBS[bomb])
            _try_to_load(file, None)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 256 * 1024**2


def test_bytes_that_are_no_text_are_refused(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "compose.yaml"
    file.write_bytes(b"services: {a: {image: \xff\xfe}}")

    with pytest.raises(compose.FileError, match="must be UTF-8 text"):
        compose.load([file], "st", environment={})

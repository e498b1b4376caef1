"""All that is refused in files: independent refusals, each once, and none that comes of another one."""

import pathlib
import time

import pytest

import compose
from compose import checking, model
from tests.unit.compose import case_files

_REFUSED = [case for dialect in compose.Dialect for case in case_files.read_cases(dialect) if case.refused]
_STACK = model.Dialect.STACK


def _find(directory: pathlib.Path, *texts: str, strict: bool = False) -> list[str]:
    files = [directory / f"{number}.yaml" for number, _ in enumerate(texts)]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text)
    found = checking.find_refused(files, "st", model.Options({}, strict=strict), _STACK)
    return [str(one).replace(f"{directory}/", "") for one in found]


@pytest.mark.parametrize("case", _REFUSED, ids=lambda case: case.name)
def test_what_is_refused_first_is_found_and_nothing_twice(case: case_files.Case) -> None:
    environment = {"HOME": "/home/somebody", **case.environment}
    options = model.Options(environment, allow_outside=True, profiles=frozenset(case.profiles))

    found = [str(one) for one in checking.find_refused(case.files, case_files.STACK, options, case.dialect)]

    assert case_files.shorten(found[0]) == case.refusal
    assert len(found) == len(set(found))


def test_entries_of_a_list_keep_their_numbers(tmp_path: pathlib.Path) -> None:
    assert _find(tmp_path, "services: {a: {image: x, volumes: [bb:/b, cc:/c, '', dd:/d]}}\nvolumes: {cc: }\n") == [
        "0.yaml:1: services.a.volumes[2] must be a volume such as data:/data; got ''.",
        "0.yaml:1: services.a.volumes[0] must be declared under the top-level volumes; 'bb' is not.",
        "0.yaml:1: services.a.volumes[3] must be declared under the top-level volumes; 'dd' is not.",
    ]


def test_what_an_alias_shares_is_refused_at_each_place(tmp_path: pathlib.Path) -> None:
    text = "x-a: &a {user: 1}\nservices:\n  a: {<<: *a, image: x}\n  b: {<<: *a, image: x}\n"

    assert _find(tmp_path, text) == [
        "0.yaml:1: services.a.user must be a string; got 1.",
        "0.yaml:1: services.b.user must be a string; got 1.",
    ]


def test_a_refused_object_is_not_missed_where_it_is_used(tmp_path: pathlib.Path) -> None:
    text = "services: {a: {image: x, networks: [n], secrets: [s]}}\nnetworks: {n: 5}\nsecrets:\n  s:\n"

    assert _find(tmp_path, text) == [
        "0.yaml:2: networks.n must be a mapping; got 5.",
        "0.yaml:4: secrets.s must be a mapping; got nothing.",
    ]


def test_a_key_that_is_needed_is_refused_once(tmp_path: pathlib.Path) -> None:
    assert _find(tmp_path, "services: {a: {image: X, volumes: [{type: 1, target: /a}]}}\n") == [
        "0.yaml:1: services.a.volumes[0].type must be a string; got 1.",
        "0.yaml:1: services.a.image must be an image reference such as nginx:1.27; got 'X'.",
    ]


def test_files_that_are_merged_name_their_own_lines(tmp_path: pathlib.Path) -> None:
    base = "version: '3.8'\nservices: {a: {image: x, user: 1, volumes: [bb:/b]}}\n"
    over = "version: '3.9'\nservices:\n  a: {tty: 1, volumes: [cc:/c]}\n"

    assert _find(tmp_path, base, over) == [
        "0.yaml:2: services.a.user must be a string; got 1.",
        "1.yaml:3: services.a.tty must be true or false; got 1.",
        "1.yaml:1: version must be 3.8, as in 0.yaml; got 3.9.",
        "1.yaml:3: services.a.volumes[0] must be declared under the top-level volumes; 'bb' is not.",
    ]


def test_every_file_that_is_no_yaml_is_named(tmp_path: pathlib.Path) -> None:
    found = _find(tmp_path, "a: [\n", "services: {}", "- 1")

    assert [one.partition(" ")[0] for one in found] == ["0.yaml:2:", "2.yaml:1:"]


def test_strict_refuses_every_key_without_effect(tmp_path: pathlib.Path) -> None:
    assert _find(tmp_path, "services: {a: {image: x, privileged: true, tmpfs: /a}}\n", strict=True) == [
        "0.yaml:1: services.a.privileged has no effect: a swarm service has no such setting.",
        "0.yaml:1: services.a.tmpfs has no effect: a volume of type tmpfs is honoured.",
    ]


def test_what_is_refused_is_found_in_little_time(tmp_path: pathlib.Path) -> None:
    services = "".join(f"  s{number}: {{image: x, user: 1}}\n" for number in range(1000))

    started = time.process_time()
    found = _find(tmp_path, f"services:\n{services}")

    assert len(found) == 100
    assert time.process_time() - started < 20

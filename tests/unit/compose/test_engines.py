"""Keys that an old engine drops in silence: which ones there are, and where they stand in a file."""

import pathlib

import pytest

import compose
from compose import engines, reference

_FILE = """\
services:
  web:
    image: nginx
    healthcheck: {test: [CMD, 'true'], start_interval: 1s}
    volumes:
      - {type: volume, source: data, target: /data, volume: {subpath: a}}
      - {type: image, source: nginx, target: /files}
    oom_score_adj: 100
volumes: {data: }
"""


def _convert(tmp_path: pathlib.Path, text: str, dialect: compose.Dialect, strict: bool = False) -> compose.Converted:
    (tmp_path / "c.yaml").write_text(text)
    return compose.convert(compose.load([tmp_path / "c.yaml"], "s", environment={}, dialect=dialect, strict=strict))


def _words(tmp_path: pathlib.Path, needs: list[engines.Need]) -> list[str]:
    return [str(need).replace(f"{tmp_path}/", "") for need in needs]


def test_each_key_is_named_with_line_and_engine(tmp_path: pathlib.Path) -> None:
    converted = _convert(tmp_path, _FILE, compose.Dialect.SPEC)

    assert _words(tmp_path, converted.needs) == [
        "c.yaml:4: services.web.healthcheck.start_interval needs Docker Engine 25 or newer; Debian 12 brings 20.10.",
        "c.yaml:6: services.web.volumes[0].volume.subpath needs Docker Engine 26 or newer; Debian 12 brings 20.10.",
        "c.yaml:7: services.web.volumes[1].type needs Docker Engine 28 or newer; Debian 12 brings 20.10.",
        "c.yaml:8: services.web.oom_score_adj needs Docker Engine 27 or newer; Debian 12 brings 20.10.",
    ]
    assert [need.engine for need in converted.needs] == [25, 26, 28, 27]


def test_they_are_neither_warnings_nor_refused_when_strict(tmp_path: pathlib.Path) -> None:
    converted = _convert(tmp_path, _FILE, compose.Dialect.SPEC, strict=True)

    assert (converted.warnings, len(converted.needs)) == ([], 4)


def test_what_the_dialect_drops_by_itself_needs_no_engine(tmp_path: pathlib.Path) -> None:
    converted = _convert(tmp_path, _FILE, compose.Dialect.STACK)

    assert [notice.key for notice in converted.warnings] == ["oom_score_adj"]
    assert [need.key for need in converted.needs] == [
        "healthcheck.start_interval",
        "volumes[0].volume.subpath",
        "volumes[1].type",
    ]


@pytest.mark.parametrize("pattern", [*engines.KEYS, *engines.VALUES])
def test_the_tables_hold_keys_that_a_dialect_honours(pattern: str) -> None:
    honoured = {key.path for key in reference.list_spec_keys() if key.treatment == "honoured"}

    assert pattern in honoured


def test_the_reference_says_which_engine_a_key_needs() -> None:
    listed = {key.path: key.engine for key in reference.list_stack_keys()}

    assert listed["services.*.healthcheck.start_interval"] == "25"
    assert listed["services.*.volumes.[].type"] == "cluster: 23, image: 28"
    assert listed["services.*.oom_score_adj"] == ""
    assert listed["services.*.image"] == ""

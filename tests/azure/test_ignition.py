"""The user-data of hosts on Flatcar, judged by Ignition's own parser and rules, which come as a module of Go."""

import copy
import json
import os
import pathlib
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

import cloud_init
from tests.doubles import host_keys

_JUDGE = pathlib.Path(__file__).with_name("ignition")
_OLDEST_GO = (1, 24)
_Judge = Callable[[dict[str, Any]], list[str]]


def _find_go() -> str | None:
    found = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin:/usr/lib/go/bin")
    if found is None:
        return None
    command = [found, "env", "GOVERSION"]
    version = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=_environment()).stdout
    numbers = tuple(int(one) for one in version.strip().removeprefix("go").split(".")[:2])
    return found if numbers >= _OLDEST_GO else None


def _environment() -> dict[str, str]:
    return {**os.environ, "GOTOOLCHAIN": "local"}


@pytest.fixture(scope="session")
def judge(tmp_path_factory: pytest.TempPathFactory) -> _Judge:
    """Gives what lists Ignition's findings about a config."""
    go = _find_go()
    if go is None:
        # `make setup` needs a Go only where Pulumi's release is out of reach, and keeps none.
        pytest.skip(
            "Ignition's rules are a module of Go; with Go 1.24 or newer on PATH they judge the user-data of Flatcar. "
            "Nothing else needs it here, so it is not installed for this alone."
        )
    program = tmp_path_factory.mktemp("ignition") / "judge"
    subprocess.run([go, "build", "-o", program, "."], cwd=_JUDGE, env=_environment(), check=True)

    def ask(config: dict[str, Any]) -> list[str]:
        done = subprocess.run([program], input=json.dumps(config), stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout.splitlines()

    return ask


def _make_config() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(
        cloud_init.make_container_host(host_keys.KEYS, "azureuser", form=cloud_init.Format.IGNITION)
    )
    return made


def test_ignition_finds_nothing_wrong_with_a_host(judge: _Judge) -> None:
    assert judge(_make_config()) == []


def test_ignition_finds_nothing_wrong_with_what_all_hosts_share(judge: _Judge) -> None:
    assert judge(cloud_init.container_host_facts("azureuser", form=cloud_init.Format.IGNITION)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("ignition", "version"), "2.2.0"),
        (("storage", "files", 0, "path"), "relative"),
        (("storage", "files", 0, "contents", "source"), "data:"),
        (("storage", "files", 0, "mode"), 0o10000),
        (("storage", "files", 0, "path"), "/etc/hostname"),
        (("systemd", "units", 0, "name"), "docker"),
        (("systemd", "units", 1, "contents"), "[Unit"),
        (("passwd", "users", 0, "name"), 1),
    ],
)
def test_ignition_finds_mistakes(judge: _Judge, path: tuple[str | int, ...], value: Any) -> None:
    config = copy.deepcopy(_make_config())
    *outer, last = path
    place: Any = config
    for key in outer:
        place = place[key]
    place[last] = value

    assert judge(config) != []

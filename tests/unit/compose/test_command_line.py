"""`python -m compose`: what it prints, and its exit status."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

_ROOT = pathlib.Path(__file__).parents[3]


@pytest.fixture
def files(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "data.txt").write_text("data")
    (tmp_path / "a.yaml").write_text(
        "services: {web: {image: 'nginx:${TAG-1}', ports: ['80:80', '81:81'], secrets: [s], restart: always}}\n"
        "secrets: {s: {file: data.txt}}\n"
    )
    (tmp_path / "same.yaml").write_text(
        "secrets: {s: {file: data.txt}}\n"
        "services: {web: {deploy: {replicas: 1, restart_policy: {condition: any}}, secrets: [{source: s}],\n"
        "  ports: [{target: 81, published: 81}, '80:80/tcp'], image: 'docker.io/library/nginx:1'}}\n"
    )
    (tmp_path / "b.yaml").write_text("services: {web: {image: 'nginx:2', privileged: true}, new: {image: nginx}}\n")
    (tmp_path / "bad.yaml").write_text("services:\n  web: {image: Nginx}\n")
    return tmp_path


def _run(directory: pathlib.Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(_ROOT), "PATH": os.defpath, **variables}
    return subprocess.run(
        [sys.executable, "-m", "compose", *arguments], cwd=directory, env=environment, capture_output=True, text=True
    )


def test_convert_prints_specs_without_the_data_of_secrets(files: pathlib.Path) -> None:
    done = _run(files, "convert", "a.yaml", "--stack", "shop", TAG="7")

    printed = json.loads(done.stdout)
    assert list(printed) == ["services", "networks", "configs", "secrets", "volumes"]
    assert printed["services"]["web"]["TaskTemplate"]["ContainerSpec"]["Image"] == "nginx:7"
    assert printed["services"]["web"]["TaskTemplate"]["Networks"] == [
        {"Target": "net:shop_default", "Aliases": ["web"]}
    ]
    assert printed["secrets"]["s"] == {"Name": "shop_s", "Labels": {"com.docker.stack.namespace": "shop"}}
    assert done.returncode == 0


def test_convert_takes_variables_from_a_file_below_those_of_the_caller(files: pathlib.Path) -> None:
    (files / "x.env").write_text("TAG='8'\nOTHER=1\n")

    of_file = _run(files, "convert", "a.yaml", "--stack", "shop", "--env-file", "x.env")
    of_caller = _run(files, "convert", "a.yaml", "--stack", "shop", "--env-file", "x.env", TAG="9")

    assert '"nginx:8"' in of_file.stdout
    assert '"nginx:9"' in of_caller.stdout


def test_as_deployed_no_variable_comes_from_the_shell(files: pathlib.Path) -> None:
    of_shell = _run(files, "convert", "a.yaml", "--stack", "shop", TAG="9")
    deployed = _run(files, "convert", "a.yaml", "--stack", "shop", "--as-deployed", TAG="9")

    assert '"nginx:9"' in of_shell.stdout
    assert '"nginx:1"' in deployed.stdout


def test_as_deployed_the_file_beside_the_compose_file_counts_in_the_spec_dialect(files: pathlib.Path) -> None:
    (files / ".env").write_text("TAG=8\n")

    arguments = ("convert", "a.yaml", "--stack", "shop", "--as-deployed", "--dialect")

    assert '"nginx:8"' in _run(files, *arguments, "spec", TAG="9").stdout
    assert '"nginx:1"' in _run(files, *arguments, "stack", TAG="9").stdout


@pytest.mark.parametrize("beside", [("--env-file", "x.env"), ("--profile", "debug")])
def test_as_deployed_goes_with_nothing_that_the_program_has_not(files: pathlib.Path, beside: tuple[str, str]) -> None:
    done = _run(files, "check", "a.yaml", "--as-deployed", *beside)

    assert done.returncode == 2
    assert f"--as-deployed: must stand without {beside[0]}, which the program has not." in done.stderr


def test_convert_refuses_with_status_1(files: pathlib.Path) -> None:
    done = _run(files, "convert", "bad.yaml", "--stack", "shop")

    assert done.stderr == (
        "bad.yaml:2: services.web.image must be an image reference such as nginx:1.27; got 'Nginx'.\n"
    )
    assert (done.returncode, done.stdout) == (1, "")


def test_check_prints_what_has_no_effect(files: pathlib.Path) -> None:
    done = _run(files, "check", "b.yaml")

    assert done.stdout == "b.yaml:1: services.web.privileged has no effect: a swarm service has no such setting.\n"
    assert done.returncode == 0


def test_check_refuses_with_status_1(files: pathlib.Path) -> None:
    assert _run(files, "check", "bad.yaml").returncode == 1
    assert _run(files, "check", "b.yaml", "--strict").returncode == 1


def test_check_prints_json(files: pathlib.Path) -> None:
    good = json.loads(_run(files, "check", "b.yaml", "--json").stdout)
    bad = json.loads(_run(files, "check", "bad.yaml", "--json").stdout)

    notice = {"file": "b.yaml", "line": 1, "service": "web", "key": "privileged"}
    assert good == {"refused": [], "warnings": [{**notice, "reason": good["warnings"][0]["reason"]}]}
    reason = "must be an image reference such as nginx:1.27; got 'Nginx'."
    refused = {"file": "bad.yaml", "line": 2, "key": "services.web.image", "reason": reason}
    assert bad == {"refused": [refused], "warnings": []}


def test_check_prints_all_that_is_refused_and_first_what_convert_says(files: pathlib.Path) -> None:
    text = "services:\n  web: {image: Nginx, ports: [x]}\n  db: {image: nginx, networks: [back], user: 1}\n"
    (files / "worse.yaml").write_text(text)

    checked = _run(files, "check", "worse.yaml", "--dialect", "stack")
    converted = _run(files, "convert", "worse.yaml", "--dialect", "stack", "--stack", "shop")

    assert checked.stdout.splitlines() == [
        "worse.yaml:2: services.web.ports[0] must be a port such as 8080:80; got 'x'.",
        "worse.yaml:3: services.db.user must be a string; got 1.",
        "worse.yaml:2: services.web.image must be an image reference such as nginx:1.27; got 'Nginx'.",
        "worse.yaml:3: services.db.networks.back must be declared under the top-level networks; it is not.",
    ]
    assert converted.stderr == checked.stdout.splitlines(keepends=True)[0]
    assert checked.returncode == 1


def test_what_the_engine_is_too_old_for_is_told_and_does_not_count_as_refused(files: pathlib.Path) -> None:
    (files / "new.yaml").write_text(
        "services: {web: {image: nginx, healthcheck: {test: [CMD, x], start_interval: 1s}}}"
    )
    sentence = "services.web.healthcheck.start_interval needs Docker Engine 25 or newer; Debian 12 brings 20.10."

    checked = _run(files, "check", "new.yaml", "--strict")
    converted = _run(files, "convert", "new.yaml", "--stack", "shop")
    as_json = json.loads(_run(files, "check", "new.yaml", "--json").stdout)

    assert (checked.returncode, checked.stdout) == (0, f"new.yaml:1: {sentence}\n")
    assert (converted.returncode, converted.stderr) == (0, f"new.yaml:1: {sentence}\n")
    assert [(one["key"], one["engine"]) for one in as_json["warnings"]] == [("healthcheck.start_interval", 25)]


def test_an_engine_that_is_new_enough_is_told_with_its_version(files: pathlib.Path) -> None:
    (files / "new.yaml").write_text(
        "services: {web: {image: nginx, healthcheck: {test: [CMD, x], start_interval: 1s}}}"
    )

    assert _run(files, "check", "new.yaml", "--engine", "24.0.9").stdout != ""
    assert _run(files, "check", "new.yaml", "--engine", "25").stdout == ""
    refused = _run(files, "check", "new.yaml", "--engine", "new")
    assert refused.returncode == 2
    assert "--engine: must be a version of Docker's engine such as 28.5.1; got 'new'." in refused.stderr


def test_diff_of_two_ways_to_say_the_same_is_empty(files: pathlib.Path) -> None:
    done = _run(files, "diff", "a.yaml", "same.yaml")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_diff_prints_paths_with_old_and_new_value(files: pathlib.Path) -> None:
    done = _run(files, "diff", "a.yaml", "b.yaml")

    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert "secrets.s: declared -> (absent)" in lines
    assert "services.new: (absent) -> declared" in lines
    assert "services.web.TaskTemplate.ContainerSpec.Image: nginx:1 -> nginx:2" in lines
    assert "services.web.EndpointSpec.Ports[80:80/tcp].TargetPort: 80 -> (absent)" in lines


def test_diff_hides_the_data_of_secrets(files: pathlib.Path) -> None:
    (files / "other.txt").write_text("hush")
    (files / "other.yaml").write_text((files / "a.yaml").read_text().replace("data.txt", "other.txt"))

    text = _run(files, "diff", "a.yaml", "other.yaml")
    as_json = _run(files, "diff", "a.yaml", "other.yaml", "--json")

    assert text.stdout == "secrets.s.Data: (hidden) -> (hidden)\n"
    assert json.loads(as_json.stdout) == [{"path": "secrets.s.Data", "old": "(hidden)", "new": "(hidden)"}]


def test_diff_refuses_with_status_2(files: pathlib.Path) -> None:
    assert _run(files, "diff", "a.yaml", "bad.yaml").returncode == 2


@pytest.mark.parametrize("command", ["convert", "check", "diff"])
def test_every_command_explains_itself(files: pathlib.Path, command: str) -> None:
    done = _run(files, command, "--help")

    assert done.returncode == 0
    assert "--dialect {stack,spec}" in done.stdout


@pytest.mark.parametrize("name", ["Bad Name", "Shop", "1shop", "a" * 32, ""])
def test_a_name_that_the_setting_refuses_is_refused(files: pathlib.Path, name: str) -> None:
    done = _run(files, "convert", "a.yaml", "--stack", name)

    expected = "lower-case letters, digits and -, at most 31, a letter first"
    assert done.returncode == 2
    assert f"--stack: must be {expected}; got {name!r}." in done.stderr


def test_a_profile_of_no_service_is_refused(files: pathlib.Path) -> None:
    (files / "p.yaml").write_text(
        "services: {a: {image: x}, b: {image: x, profiles: [one]}, c: {image: x, profiles: [two]}}"
    )

    done = _run(files, "convert", "p.yaml", "--stack", "shop", "--profile", "one", "--profile", "nope")
    checked = _run(files, "check", "p.yaml", "--profile", "nope", "--json")

    sentence = "p.yaml: --profile must be one of one, two, *; got 'nope'.\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence)
    assert checked.returncode == 1
    reason = "--profile must be one of one, two, *; got 'nope'."
    assert json.loads(checked.stdout)["refused"] == [{"file": "p.yaml", "line": None, "key": None, "reason": reason}]


def test_a_profile_where_no_service_has_one_is_refused(files: pathlib.Path) -> None:
    done = _run(files, "convert", "b.yaml", "--stack", "shop", "--profile", "nope")

    assert (done.returncode, done.stderr) == (
        1,
        "b.yaml: --profile must not be given: no service has one; got 'nope'.\n",
    )


def test_a_file_that_is_missing_has_neither_line_nor_key(files: pathlib.Path) -> None:
    done = _run(files, "check", "gone.yaml", "--json")

    reason = "the file cannot be read: No such file or directory."
    assert json.loads(done.stdout)["refused"] == [{"file": "gone.yaml", "line": None, "key": None, "reason": reason}]
    assert _run(files, "check", "gone.yaml").stdout == f"gone.yaml: {reason}\n"


def test_diff_prints_its_refusals_as_json(files: pathlib.Path) -> None:
    done = _run(files, "diff", "gone.yaml", "bad.yaml", "--json")

    refused = json.loads(done.stdout)["refused"]
    assert [(one["file"], one["line"], one["key"]) for one in refused] == [
        ("gone.yaml", None, None),
        ("bad.yaml", 2, "services.web.image"),
    ]
    assert (done.returncode, done.stderr) == (2, "")


def test_diff_names_what_is_refused_in_both_files(files: pathlib.Path) -> None:
    done = _run(files, "diff", "gone.yaml", "bad.yaml")

    assert done.stderr.splitlines() == [
        "gone.yaml: the file cannot be read: No such file or directory.",
        "bad.yaml:2: services.web.image must be an image reference such as nginx:1.27; got 'Nginx'.",
    ]
    assert (done.returncode, done.stdout) == (2, "")

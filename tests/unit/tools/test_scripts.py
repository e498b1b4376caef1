"""What the set-up scripts refuse, word for word, and what they take from the machine as it is."""

import pathlib
import shutil
import subprocess
import sys

import pytest

CHECKOUT = pathlib.Path(__file__).resolve().parents[3]
# What the scripts themselves call; nothing else is on PATH unless a test puts it there.
COMMANDS = (
    "sh", "cat", "chmod", "cut", "date", "dirname", "flock", "mkdir", "mktemp", "mv", "rm", "sed", "sha256sum", "sort",
    "tail", "touch", "uname",
)  # fmt: skip


class Machine:
    """A machine with few commands, an empty cache and a copy of the checkout's scripts."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.bin = folder / "bin"
        self.checkout = folder / "checkout"
        self._cache = folder / "cache"
        self.bin.mkdir()
        self.checkout.mkdir()
        shutil.copytree(CHECKOUT / "tools", self.checkout / "tools", ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("requirements.txt", "requirements-dev.txt"):
            shutil.copy(CHECKOUT / name, self.checkout)
        for name in COMMANDS:
            (self.bin / name).symlink_to(str(shutil.which(name)))
        self.add("id", "echo 1000")

    def add(self, name: str, body: str) -> None:
        """Put a command on PATH."""
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def run(self, script: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run one of the scripts, with settings in its environment."""
        environment = {"PATH": str(self.bin), "HOME": "/nowhere", "AZURE_SWARM_CACHE": str(self._cache), **settings}
        command = [str(self.checkout / "tools" / script), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True)


@pytest.fixture
def machine(tmp_path: pathlib.Path) -> Machine:
    return Machine(tmp_path)


def test_an_unknown_part_is_refused(machine: Machine) -> None:
    done = machine.run("setup", "venv2")

    assert done.returncode == 1
    assert done.stderr == "azure-swarm: tools/setup knows venv, toolchain, docker and images; got 'venv2'.\n"


def test_an_old_python_is_refused(machine: Machine) -> None:
    machine.add("python3", '[ "$1" = --version ] && echo "Python 3.9.2" || exit 1')

    done = machine.run("setup-venv")

    assert done.returncode == 1
    assert done.stderr == "azure-swarm: Python 3.11 or newer is needed as python3; got Python 3.9.2.\n"


def test_a_user_without_the_venv_module_is_told_what_to_install(machine: Machine) -> None:
    machine.add("python3", "case $2 in *ensurepip*) exit 1 ;; esac")

    done = machine.run("setup-venv")

    assert done.stderr == (
        "azure-swarm: Python's venv module is missing, and only root may install it: "
        "run 'sudo apt-get install python3-venv' and try again.\n"
    )


def test_a_user_without_docker_is_told_what_to_install(machine: Machine) -> None:
    done = machine.run("setup-docker")

    assert done.stderr == (
        "azure-swarm: Docker is missing, and only root may install it: "
        "run 'sudo apt-get install docker.io ca-certificates git xz-utils' and try again.\n"
    )


def test_an_engine_elsewhere_that_does_not_answer_is_named(machine: Machine) -> None:
    machine.add("docker", "exit 1")

    done = machine.run("setup-docker", DOCKER_HOST="tcp://127.0.0.9:1")

    assert done.stderr == (
        "azure-swarm: Docker does not answer at DOCKER_HOST=tcp://127.0.0.9:1: start it, or unset DOCKER_HOST to use "
        "this machine's.\n"
    )


def test_an_engine_that_answers_is_left_alone(machine: Machine) -> None:
    machine.add("docker", "echo 20.10")

    done = machine.run("setup-docker")

    assert (done.returncode, done.stderr) == (0, "")


def test_a_pulumi_on_path_is_used(machine: Machine) -> None:
    machine.add("pulumi", "exit 1")
    machine.add("pulumi-language-python", "exit 1")

    assert machine.run("setup-toolchain", "--print").stdout == f"{machine.bin}\n"
    assert machine.run("setup-toolchain").returncode == 0


def test_a_pulumi_on_path_that_is_too_old_is_refused(machine: Machine) -> None:
    machine.add("pulumi", "echo v3.99.1")
    machine.add("pulumi-language-python", "exit 1")

    done = machine.run("setup-toolchain")

    assert done.returncode == 1
    assert done.stderr == (
        f"azure-swarm: Pulumi 3.99.1 in {machine.bin} is older than 3.255.0, the oldest that this works with: update "
        "it, or take it off PATH and run this again, which fetches one of its own.\n"
    )


@pytest.mark.parametrize("version", ["v3.255.0", "v3.1000.0-alpha.1"])
def test_a_newer_pulumi_on_path_is_taken(version: str, machine: Machine) -> None:
    machine.add("pulumi", f"echo {version}")
    machine.add("pulumi-language-python", "exit 1")

    assert machine.run("setup-toolchain").returncode == 0


def test_a_toolchain_is_kept_by_the_version_that_is_in_it(machine: Machine, tmp_path: pathlib.Path) -> None:
    built = pathlib.Path(machine.run("setup-toolchain", "--print").stdout.strip())
    released = built.parent.with_name(built.parent.name.replace("3.258.0-", "3.255.0-")) / "bin"
    released.mkdir(parents=True)
    (released / "pulumi").touch(0o755)

    assert machine.run("setup-toolchain", "--print").stdout == f"{released}\n"


@pytest.mark.parametrize("script", ["setup", "setup-venv", "setup-toolchain", "setup-docker", "setup-judge"])
def test_a_script_tells_what_it_is_for_and_does_nothing(script: str, machine: Machine) -> None:
    done = machine.run(script, "--help")

    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) >= 1
    assert not done.stdout.startswith("#")


@pytest.mark.parametrize("module", ["mutants", "goldens"])
def test_a_command_tells_what_it_is_for_and_does_nothing(module: str) -> None:
    command = [sys.executable, "-m", f"tools.{module}", "--help"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True)

    assert done.returncode == 0
    assert done.stdout.startswith(f"usage: python -m tools.{module}")


def test_a_release_with_another_checksum_is_refused(machine: Machine) -> None:
    # Called as `python3 - URL FILE`, for the download alone.
    machine.add("python3", 'echo other >"$3"')

    done = machine.run("setup-toolchain")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "azure-swarm: The Pulumi release 3.255.0 that was downloaded is not the one whose checksum is pinned."
    )


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("STACK=staging", "STACK is one of dev prod test, by the Pulumi.<stack>.yaml here; got 'staging'"),
        ("CLOUD=aws", "CLOUD is one of sandbox, azure; got 'aws'"),
    ],
)
def test_make_refuses_other_environments(setting: str, sentence: str) -> None:
    done = subprocess.run(["make", "up", setting], cwd=CHECKOUT, capture_output=True, text=True)

    assert done.returncode != 0
    assert sentence in done.stderr


def test_make_takes_an_environment_that_has_a_file(tmp_path: pathlib.Path) -> None:
    shutil.copy(CHECKOUT / "Makefile", tmp_path)
    (tmp_path / "Pulumi.staging.yaml").touch()

    refused, taken = (
        subprocess.run(["make", "help", f"STACK={stack}"], cwd=tmp_path, capture_output=True, text=True)
        for stack in ("prod", "staging")
    )
    assert "STACK is one of staging, by the Pulumi.<stack>.yaml here; got 'prod'" in refused.stderr
    assert taken.returncode == 0


def test_make_alone_lists_every_target() -> None:
    done = subprocess.run(["make"], cwd=CHECKOUT, capture_output=True, text=True)

    listed = {line.split()[0] for line in done.stdout.splitlines()[1:]}
    assert {"up", "preview", "refresh", "down", "status", "url", "test", "check", "bench", "mutants", "help"} <= listed

"""What software hosts get."""

import pathlib
import shutil
import subprocess

import pytest
import yaml

import cloud_init
from tests.doubles import host_keys

PINNED = cloud_init.Software(docker_version="28.5.1")
UPGRADED = cloud_init.Software(unattended_upgrades=True)
UPGRADES = "/etc/apt/apt.conf.d/52-azure-swarm"
FINGERPRINT = "9DC858229FC7DD38854AE2D88D81803C0EBFCD88"


def read_host(software: cloud_init.Software) -> tuple[list[list[str]], dict[str, str]]:
    document = yaml.safe_load(cloud_init.make_container_host(host_keys.KEYS, "azureuser", software))
    return document["runcmd"], {file["path"]: file["content"] for file in document["write_files"]}


def test_the_distributions_engine_is_the_default() -> None:
    commands, files = read_host(cloud_init.Software())

    assert [command[0].rpartition("/")[2] for command in commands] == ["install-docker.sh", "harden.sh"]
    assert "download.docker.com" not in str(files)


def test_a_pinned_engine_is_installed_first_and_held() -> None:
    commands, files = read_host(PINNED)

    assert commands[0] == ["/usr/local/lib/azure-swarm/install-pinned-docker.sh", "28.5.1"]
    assert "apt-mark hold docker-ce docker-ce-cli containerd.io\n" in files[commands[0][0]]


def test_dockers_key_is_taken_by_its_fingerprint_alone() -> None:
    script = read_host(PINNED)[1]["/usr/local/lib/azure-swarm/install-pinned-docker.sh"]

    assert f"fingerprint={FINGERPRINT}\n" in script
    assert "signed-by=%s" in script
    assert script.index('"$found" != "$fingerprint"') < script.index('mv "$key.new" "$key"')


@pytest.mark.parametrize("software", [PINNED, UPGRADED])
def test_other_software_makes_another_generation(software: cloud_init.Software) -> None:
    plain, other = (
        cloud_init.make_generation(cloud_init.container_host_facts("azureuser", one))
        for one in (cloud_init.Software(), software)
    )

    assert plain != other


def test_upgrades_are_security_alone_without_the_engine_and_without_a_restart() -> None:
    commands, files = read_host(UPGRADED)

    assert commands[-1][1:] == ["apparmor", "auditd", "chrony", "unattended-upgrades"]
    assert 'Automatic-Reboot "false"' in files[UPGRADES]
    assert "docker\\.io$" in files[UPGRADES]
    assert 'label=Debian"' not in files[UPGRADES]


def test_a_jump_host_is_upgraded_too() -> None:
    document = yaml.safe_load(cloud_init.make_jump_host(host_keys.KEYS, UPGRADED))

    assert UPGRADES in [file["path"] for file in document["write_files"]]
    assert "unattended-upgrades" in document["runcmd"][-1]


@pytest.mark.parametrize("path", [path for path in read_host(PINNED)[1] if path.endswith(".sh")])
def test_every_script_is_one_that_a_shell_reads(path: str) -> None:
    subprocess.run(["sh", "-n"], input=read_host(PINNED)[1][path], text=True, check=True)


def test_all_of_it_stays_far_below_azures_limit() -> None:
    text = cloud_init.make_container_host(host_keys.KEYS, "azureuser", cloud_init.Software("28.5.1", True))

    assert len(text.encode()) < 65_535 / 2


@pytest.fixture
def bare_host(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """Gives the log of a host's package manager, on which docker.io brings the engine alone, as from Debian 13 on."""
    log = tmp_path / "apt.log"
    scripts = {"apt-get": f'echo "$*" >> {log}', "usermod": ":", "systemctl": ":"}
    for name, body in scripts.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "sh").symlink_to(str(shutil.which("sh")))
    monkeypatch.setenv("PATH", str(tmp_path))
    return log


def test_dockers_client_is_installed_where_the_engine_does_not_bring_it(bare_host: pathlib.Path) -> None:
    script = read_host(cloud_init.Software())[1]["/usr/local/lib/azure-swarm/install-docker.sh"]

    subprocess.run(["sh", "-s", "azureuser"], input=script, text=True, check=True)

    installed = [line.split()[-1] for line in bare_host.read_text().splitlines() if " install " in line]
    assert installed == ["docker.io", "docker-cli"]


def test_dockers_client_is_not_asked_for_where_it_is_there(bare_host: pathlib.Path) -> None:
    script = read_host(cloud_init.Software())[1]["/usr/local/lib/azure-swarm/install-docker.sh"]
    client = bare_host.parent / "docker"
    client.write_text("#!/bin/sh\n")
    client.chmod(0o755)

    subprocess.run(["sh", "-s", "azureuser"], input=script, text=True, check=True)

    assert "docker-cli" not in bare_host.read_text()

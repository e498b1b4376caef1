"""The user-data of hosts on Flatcar. Ignition's own rules judge it in tests/azure/test_ignition.py."""

import json
import urllib.parse
from typing import Any

import yaml

import cloud_init
from tests.doubles import host_keys

_IGNITION = cloud_init.Format.IGNITION
_HOST_KEY = "/etc/ssh/ssh_host_ed25519_key"


def _make() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(cloud_init.make_container_host(host_keys.KEYS, "azureuser", form=_IGNITION))
    return made


def _read_files(config: dict[str, Any]) -> dict[str, tuple[int, str]]:
    files = config["storage"]["files"]
    return {
        one["path"]: (one["mode"], urllib.parse.unquote(one["contents"]["source"].removeprefix("data:,")))
        for one in files
    }


def _read_units(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in config["systemd"]["units"]}


def _read_cloud_files() -> dict[str, str]:
    text = cloud_init.make_container_host(host_keys.KEYS, "azureuser")
    return {one["path"]: one["content"] for one in yaml.safe_load(text)["write_files"]}


def test_a_host_has_its_name_its_key_and_its_certificate() -> None:
    files = _read_files(_make())

    assert files["/etc/hostname"] == (0o644, "web-0-aaaaaa\n")
    assert files[_HOST_KEY] == (0o600, "PRIVATE\nKEY\n")
    assert files[f"{_HOST_KEY}.pub"] == (0o644, "ssh-ed25519 AAAA\n")
    assert files[f"{_HOST_KEY}-cert.pub"] == (0o644, "ssh-ed25519-cert-v01@openssh.com AAAA\n")


def test_the_ssh_daemon_shows_the_certificate_and_is_as_strict_as_on_other_hosts() -> None:
    mode, text = _read_files(_make())["/etc/ssh/sshd_config"]

    assert mode == 0o644
    assert f"HostCertificate {_HOST_KEY}-cert.pub\n" in text
    assert text.endswith(_read_cloud_files()["/etc/ssh/sshd_config.d/50-azure-swarm.conf"])


def test_the_admin_user_logs_in_by_key_may_use_docker_and_sudo() -> None:
    config = _make()

    (user,) = config["passwd"]["users"]
    assert user == {
        "name": "azureuser",
        "groups": ["docker", "sudo"],
        "sshAuthorizedKeys": ["ssh-ed25519 OPERATOR"],
    }
    assert _read_files(config)["/etc/sudoers.d/azureuser"] == (0o440, "azureuser ALL=(ALL) NOPASSWD: ALL\n")


def test_docker_runs_as_on_other_hosts() -> None:
    config = _make()

    assert _read_files(config)["/etc/docker/daemon.json"][1] == _read_cloud_files()["/etc/docker/daemon.json"]
    assert _read_units(config)["docker.service"] == {"name": "docker.service", "enabled": True}


def test_every_other_file_of_a_host_is_there_too() -> None:
    elsewhere = ("/usr/", "/etc/ssh/sshd_config.d/", "/etc/systemd/system/swarm-ready.")
    expected = {path: text for path, text in _read_cloud_files().items() if not path.startswith(elsewhere)}

    files = _read_files(_make())
    assert {path: files[path][1] for path in expected} == expected
    assert len(expected) > 3


def test_the_kernel_is_as_strict_as_on_other_hosts() -> None:
    strict = _read_cloud_files()["/usr/local/lib/azure-swarm/sysctl-kernel.conf"]

    assert _read_files(_make())["/etc/sysctl.d/61-azure-swarm-kernel.conf"][1] == strict


def test_nothing_is_written_where_flatcar_cannot_be_written_to() -> None:
    assert [path for path in _read_files(_make()) if path.startswith("/usr/")] == []


def test_a_probe_is_answered_on_the_same_port() -> None:
    config = _make()
    units = _read_units(config)

    assert units["swarm-ready.socket"]["enabled"]
    assert f"ListenStream=0.0.0.0:{cloud_init.READINESS_PORT}\nAccept=yes\n" in units["swarm-ready.socket"]["contents"]
    assert "ExecStart=/opt/azure-swarm/readiness.sh\n" in units["swarm-ready@.service"]["contents"]
    assert _read_files(config)["/opt/azure-swarm/readiness.sh"][0] == 0o755


def test_no_host_upgrades_or_restarts_by_itself() -> None:
    units = _read_units(_make())

    assert units["update-engine.service"]["mask"]
    assert units["locksmithd.service"]["mask"]


def test_unattended_upgrades_are_flatcars_own_and_still_no_restart() -> None:
    software = cloud_init.Software(unattended_upgrades=True)
    units = _read_units(cloud_init.container_host_facts("azureuser", software, _IGNITION))

    assert not units["update-engine.service"]["mask"]
    assert units["locksmithd.service"]["mask"]


def test_the_facts_that_make_the_generation_hold_no_key_and_no_name() -> None:
    facts = str(cloud_init.container_host_facts("azureuser", form=_IGNITION))

    assert [text for text in ("PRIVATE", "OPERATOR", "web-0") if text in facts] == []


def test_making_a_host_leaves_the_shared_facts_alone() -> None:
    before = cloud_init.container_host_facts("azureuser", form=_IGNITION)
    _make()

    assert cloud_init.container_host_facts("azureuser", form=_IGNITION) == before


def test_the_config_stays_far_below_azures_limit() -> None:
    assert len(cloud_init.make_container_host(host_keys.KEYS, "azureuser", form=_IGNITION).encode()) < 65_535 / 4

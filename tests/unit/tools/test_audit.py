"""The rules of docker-bench-security, each on a host that breaks it."""

import json
import pathlib
from typing import Any

import pytest

from tests.unit.tools import audited
from tools import audit

_CONTAINER = "containers>0"
_SETTINGS = f"{_CONTAINER}>HostConfig"
_SOCKET = [{"Type": "bind", "Source": "/var/run/docker.sock", "Destination": "/s", "Propagation": "shared"}]
_PORT = {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "80"}]}
# The rule, the fact that breaks it, and what it is then.
BROKEN: list[tuple[str, str, Any]] = [
    ("1.1.1", "mounts", ["/"]),
    ("1.1.2", "docker_users", ["azureuser", "eve"]),
    *((f"1.1.{number}", "audit_loaded", "-w /etc/passwd -p wa") for number in range(3, 19) if number != 13),
    ("2.2", "daemon>icc", True),
    ("2.3", "daemon>log-level", "debug"),
    ("2.4", "daemon>iptables", False),
    ("2.5", "daemon>insecure-registries", ["a"]),
    ("2.5", "arguments", ["dockerd", "--insecure-registry=a"]),
    ("2.6", "info>Driver", "aufs"),
    ("2.7", "daemon>hosts", ["tcp://0.0.0.0:2375"]),
    ("2.7", "arguments", ["dockerd", "-H", "tcp://0.0.0.0:2375"]),
    ("2.8", "daemon>default-ulimits", {}),
    ("2.9", "info>SecurityOptions", ["name=seccomp"]),
    ("2.10", "daemon>cgroup-parent", "/x"),
    ("2.11", "daemon>storage-opts", ["dm.basesize=1G"]),
    ("2.12", "info>Plugins", {}),
    ("2.13", "info>LoggingDriver", "json-file"),
    ("2.14", "daemon>no-new-privileges", False),
    ("2.15", "info>LiveRestoreEnabled", False),
    ("2.16", "daemon>userland-proxy", True),
    ("2.17", "info>SecurityOptions", []),
    ("2.18", "info>ExperimentalBuild", True),
    ("3.1", "files>/lib/systemd/system/docker.service>owner", "eve:root"),
    ("3.2", "files>/lib/systemd/system/docker.service>mode", "666"),
    ("3.3", "files>/lib/systemd/system/docker.socket>owner", "eve:root"),
    ("3.4", "files>/lib/systemd/system/docker.socket>mode", "664"),
    ("3.5", "files>/etc/docker>owner", "eve:root"),
    ("3.6", "files>/etc/docker>mode", "775"),
    ("3.7", "files>/etc/docker/certs.d/r/ca.crt", {"owner": "eve:root", "mode": "444"}),
    ("3.8", "files>/etc/docker/certs.d/r/ca.crt", {"owner": "root:root", "mode": "644"}),
    ("3.15", "files>/var/run/docker.sock>owner", "root:root"),
    ("3.16", "files>/var/run/docker.sock>mode", "666"),
    ("3.17", "files>/etc/docker/daemon.json>owner", "eve:root"),
    ("3.18", "files>/etc/docker/daemon.json>mode", "664"),
    ("3.19", "files>/etc/default/docker>owner", "eve:root"),
    ("3.20", "files>/etc/default/docker>mode", "664"),
    ("3.21", "files>/etc/sysconfig/docker", {"owner": "root:root", "mode": "664"}),
    ("3.22", "files>/etc/sysconfig/docker", {"owner": "eve:root", "mode": "644"}),
    ("3.23", "files>/run/containerd/containerd.sock>owner", "eve:root"),
    ("3.24", "files>/run/containerd/containerd.sock>mode", "666"),
    ("3.9", "daemon>tlscacert", "/ca.pem"),
    ("5.1", "info>Swarm>LocalNodeState", "active"),
    ("5.2", f"{_CONTAINER}>AppArmorProfile", ""),
    ("5.3", "info>SecurityOptions", ["name=selinux"]),
    ("5.4", f"{_SETTINGS}>CapAdd", ["NET_ADMIN"]),
    ("5.5", f"{_SETTINGS}>Privileged", True),
    ("5.6", f"{_CONTAINER}>Mounts", [{"Type": "bind", "Source": "/etc", "Destination": "/e"}]),
    ("5.7", "processes>c1", ["7 sshd"]),
    ("5.8", f"{_CONTAINER}>NetworkSettings>Ports", _PORT),
    ("5.10", f"{_SETTINGS}>NetworkMode", "host"),
    ("5.11", f"{_SETTINGS}>Memory", 0),
    ("5.12", f"{_SETTINGS}>NanoCpus", 0),
    ("5.13", f"{_SETTINGS}>ReadonlyRootfs", False),
    ("5.14", f"{_CONTAINER}>NetworkSettings>Ports", _PORT),
    ("5.15", "services", [{"Spec": {"Name": "a", "TaskTemplate": {}}}]),
    ("5.16", f"{_SETTINGS}>PidMode", "host"),
    ("5.17", f"{_SETTINGS}>IpcMode", "host"),
    ("5.18", f"{_SETTINGS}>Devices", [{}]),
    ("5.20", f"{_CONTAINER}>Mounts", _SOCKET),
    ("5.21", f"{_SETTINGS}>UTSMode", "host"),
    ("5.22", f"{_SETTINGS}>SecurityOpt", ["seccomp=unconfined"]),
    ("5.25", f"{_SETTINGS}>CgroupParent", "/x"),
    ("5.26", "daemon>no-new-privileges", False),
    ("5.26", f"{_SETTINGS}>SecurityOpt", ["no-new-privileges=false"]),
    ("5.27", f"{_CONTAINER}>State", {}),
    ("5.28", f"{_CONTAINER}>Config>Image", "shop/web:latest"),
    ("5.29", f"{_SETTINGS}>PidsLimit", None),
    ("5.30", f"{_CONTAINER}>NetworkSettings>Networks", {"bridge": {}}),
    ("5.31", f"{_SETTINGS}>UsernsMode", "host"),
    ("5.32", f"{_CONTAINER}>Mounts", _SOCKET),
    ("7.1", "info>Swarm>Managers", 2),
    ("7.2", "listening", ["*:2377"]),
    ("7.3", "networks", [{"Name": "in", "Driver": "overlay", "Options": None}]),
    ("7.4", "secrets", 0),
    ("7.5", "swarm>Spec>EncryptionConfig>AutoLockManagers", False),
]
# What people judge, and what hosts of ours never have.
_JUDGED = {"1.1.13", "1.2.1", "1.2.2", "2.1", "5.9", "5.19", "5.23", "5.24", "7.6", "7.7", "7.8", "7.9"}
_TLS = {f"3.{number}" for number in range(10, 15)}


def find_failing(path: str = "", value: Any = None) -> set[str]:
    rows = audit.examine([audited.make_host(path, value)], [])
    return {row.rule for row in rows if row.verdict is audit.Verdict.FAIL}


def test_nothing_fails_on_a_host_that_keeps_every_rule() -> None:
    assert find_failing() == set()


@pytest.mark.parametrize(("rule", "path", "value"), BROKEN)
def test_a_rule_fails_on_a_host_that_breaks_it(rule: str, path: str, value: Any) -> None:
    assert rule in find_failing(path, value)


def test_every_rule_is_broken_here_or_judged_by_people() -> None:
    broken = {rule for rule, _, _ in BROKEN}

    assert {check.number for check in audit.CHECKS} - broken == _JUDGED | _TLS


def test_no_number_is_there_twice() -> None:
    assert len({check.number for check in audit.CHECKS}) == len(audit.CHECKS)


def test_a_rule_that_is_written_and_not_loaded_says_so() -> None:
    told = audited.make_told()
    host = audited.make_host("audit_loaded", None)
    written = audit.Host("a", {**host.told, "audit_written": told["audit_loaded"]})

    (row,) = (row for row in audit.examine([written], []) if row.rule == "1.1.5")

    assert row.failures == {"a": "the rule is written, and the kernel has none"}


def test_what_is_accepted_is_no_finding_and_keeps_its_reason() -> None:
    accepted = [audit.Accepted(("2.16",), "anywhere", "Because.", says="userland-proxy is True")]

    rows = audit.examine([audited.make_host("daemon>userland-proxy", True)], accepted)

    assert audit.list_findings(rows) == []
    assert audit.list_outdated(rows, accepted) == []
    assert [(row.rule, row.why) for row in rows if row.failures] == [("2.16", "Because.")]


def test_what_fails_in_another_way_than_accepted_is_a_finding() -> None:
    accepted = [audit.Accepted(("2.16",), "anywhere", "Because.", says="something else")]

    rows = audit.examine([audited.make_host("daemon>userland-proxy", True)], accepted)

    assert [row.rule for row in audit.list_findings(rows)] == ["2.16"]


def test_what_is_accepted_and_passes_is_outdated() -> None:
    accepted = [audit.Accepted(("2.16",), "anywhere", "Because.")]

    assert audit.list_outdated(audit.examine([audited.make_host()], accepted), accepted) == ["2.16"]


def test_the_table_counts_and_tells_what_fails_on_which_host() -> None:
    hosts = [audited.make_host("daemon>icc", True), audited.make_host(name="worker-0")]

    text = audit.make_text(hosts, audit.examine(hosts, []), ["2.16", "5.1"])

    assert "2.2 fail: Containers on the default bridge are apart\n   manager-0: icc is True\n" in text
    assert "tools/audit/accepted.yaml accepts what fails no more: 2.16, 5.1.\n" in text
    assert text.splitlines()[-1].startswith("103 rules on 2 hosts: ")


def test_nothing_is_said_of_acceptances_that_are_all_needed() -> None:
    hosts = [audited.make_host()]

    assert "accepts what fails no more" not in audit.make_text(hosts, audit.examine(hosts, []), [])


def test_the_json_has_every_rule() -> None:
    hosts = [audited.make_host()]

    told = json.loads(audit.make_json(hosts, audit.examine(hosts, []), ["2.16"]))

    assert told["hosts"] == ["manager-0"]
    assert told["outdated"] == ["2.16"]
    assert len(told["rules"]) == len(audit.CHECKS)


@pytest.mark.parametrize("cloud", ["sandbox", "azure"])
def test_every_accepted_rule_exists_and_has_a_reason(cloud: str) -> None:
    accepted = audit.read_accepted(cloud)
    known = {check.number for check in audit.CHECKS}

    assert {rule for one in accepted for rule in one.rules} <= known
    assert all(one.why.strip() for one in accepted)


def test_what_is_accepted_elsewhere_is_left_out(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "accepted.yaml"
    file.write_text("- {rules: [1.1.1], where: azure, why: a}\n- {rules: ['2.9'], where: anywhere, why: b}\n")

    assert [one.rules for one in audit.read_accepted("sandbox", file)] == [("2.9",)]

"""What hardens a host."""

import json
import re
from collections.abc import Callable

import pytest

from cloud_init import hardening

SSHD = "/etc/ssh/sshd_config.d/50-azure-swarm.conf"
AUDIT = "/etc/audit/rules.d/50-azure-swarm.rules"
AUDITED = [f"1.1.{number}" for number in range(4, 18)]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("icc", False),
        ("log-level", "info"),
        ("no-new-privileges", True),
        ("live-restore", False),
        ("userland-proxy", False),
        ("log-opts", {"max-size": "10m", "max-file": "5"}),
    ],
)
def test_the_engine_is_set_as_the_benchmark_asks(key: str, value: object) -> None:
    assert json.loads(hardening.make_host_files()["/etc/docker/daemon.json"])[key] == value


def test_every_audit_rule_of_the_benchmark_is_there() -> None:
    text = hardening.make_host_files()[AUDIT]

    assert [number for number in ["1.1.3", *AUDITED, "1.1.18"] if f"## {number}\n" not in text] == []


def test_the_folders_of_containers_are_audited_without_what_lies_below() -> None:
    rules = [line for line in hardening.make_host_files()[AUDIT].splitlines() if "/var/lib/docker" in line]

    assert rules == ["-a always,exit -F path=/var/lib/docker -F perm=wa -k docker"]


def test_nobody_listens_on_a_host_for_another_and_a_jump_host_leads_to_ssh_alone() -> None:
    host, jump = hardening.make_host_files()[SSHD], hardening.make_jump_files()[SSHD]

    assert re.findall(r"^(?:Allow\w+Forwarding|PermitOpen) .*", host, re.MULTILINE) == [
        "AllowAgentForwarding no",
        "AllowStreamLocalForwarding local",
        "AllowTcpForwarding local",
    ]
    assert re.findall(r"^(?:Allow\w+Forwarding|PermitOpen) .*", jump, re.MULTILINE) == [
        "AllowAgentForwarding no",
        "AllowStreamLocalForwarding no",
        "AllowTcpForwarding local",
        "PermitOpen *:22",
    ]


@pytest.mark.parametrize("make", [hardening.make_host_files, hardening.make_jump_files])
def test_ssh_takes_keys_and_nobody_as_root(make: Callable[[], dict[str, str]]) -> None:
    text = make()[SSHD]

    assert "PermitRootLogin no\n" in text
    assert "AuthenticationMethods publickey\n" in text
    assert "MaxAuthTries 3\n" in text


def test_what_belongs_to_the_kernel_is_not_applied_by_a_container() -> None:
    files = hardening.make_host_files()
    applied = "".join(text for path, text in files.items() if path.startswith("/etc/sysctl.d/"))

    assert re.findall(r"^(?!net\.|#|$).*", applied, re.MULTILINE) == []
    assert files["/usr/local/lib/azure-swarm/harden.sh"].index("--container") < files[
        "/usr/local/lib/azure-swarm/harden.sh"
    ].index("sysctl-kernel.conf")

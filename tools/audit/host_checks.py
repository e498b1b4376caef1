"""Sections 1 and 3 of docker-bench-security: the host, and the files of the engine. Pure."""

import functools
from collections.abc import Sequence

from tools.audit.rules import Check, Host, Outcome, fail_on, inform, require

__all__ = ["CHECKS"]

_TRUSTED = ("root", "azureuser")
_AUDITED = (
    ("1.1.3", ("/usr/bin/dockerd", "/usr/sbin/dockerd")),
    ("1.1.4", ("/run/containerd",)),
    ("1.1.5", ("/var/lib/docker",)),
    ("1.1.6", ("/etc/docker",)),
    ("1.1.7", ("/lib/systemd/system/docker.service",)),
    ("1.1.8", ("/run/containerd/containerd.sock",)),
    ("1.1.9", ("/lib/systemd/system/docker.socket",)),
    ("1.1.10", ("/etc/default/docker",)),
    ("1.1.11", ("/etc/docker/daemon.json",)),
    ("1.1.12", ("/etc/containerd/config.toml",)),
    ("1.1.13", ("/etc/sysconfig/docker",)),
    ("1.1.14", ("/usr/bin/containerd",)),
    ("1.1.15", ("/usr/bin/containerd-shim",)),
    ("1.1.16", ("/usr/bin/containerd-shim-runc-v1",)),
    ("1.1.17", ("/usr/bin/containerd-shim-runc-v2",)),
    ("1.1.18", ("/usr/bin/runc",)),
)
# Numbers of owner and mode, the file, and what they may be at most.
_OWNED = (
    ("3.1", "3.2", "/lib/systemd/system/docker.service", "root:root", 0o644),
    ("3.3", "3.4", "/lib/systemd/system/docker.socket", "root:root", 0o644),
    ("3.5", "3.6", "/etc/docker", "root:root", 0o755),
    ("3.15", "3.16", "/var/run/docker.sock", "root:docker", 0o660),
    ("3.17", "3.18", "/etc/docker/daemon.json", "root:root", 0o644),
    ("3.19", "3.20", "/etc/default/docker", "root:root", 0o644),
    ("3.22", "3.21", "/etc/sysconfig/docker", "root:root", 0o644),
    ("3.23", "3.24", "/run/containerd/containerd.sock", "root:root", 0o660),
)
_TLS = (
    ("3.9", "The TLS CA certificate is root's"),
    ("3.10", "The TLS CA certificate is 444 at most"),
    ("3.11", "The TLS server certificate is root's"),
    ("3.12", "The TLS server certificate is 444 at most"),
    ("3.13", "The TLS server key is root's"),
    ("3.14", "The TLS server key is 400"),
)
_CERTIFICATES = "/etc/docker/certs.d/"


def _has_own_partition(host: Host) -> Outcome:
    return require("/var/lib/docker" in host.told["mounts"], "/var/lib/docker is on the system's disk")


def _has_trusted_users_alone(host: Host) -> Outcome:
    strangers = [user for user in host.told["docker_users"] if user not in _TRUSTED]
    return fail_on([f"{user} may control the engine" for user in strangers])


def _is_audited(paths: Sequence[str], host: Host) -> Outcome:
    there = [path for path in paths if path in host.told["files"]]
    if not there:
        return inform(f"{paths[-1]} is not there")
    loaded = host.told["audit_loaded"]
    if loaded is None:
        written = [path for path in there if _names(host.told["audit_written"], path)]
        return require(False, _NOT_LOADED if written == there else f"no rule on {', '.join(there)}")
    return fail_on([f"no rule on {path}" for path in there if not _names(loaded, path)])


_NOT_LOADED = "the rule is written, and the kernel has none"


def _names(rules: str, path: str) -> bool:
    return any(path in line.replace("=", " ").split() for line in rules.splitlines() if not line.startswith("#"))


def _is_owned_by(path: str, owner: str, host: Host) -> Outcome:
    found = host.told["files"].get(path)
    if found is None:
        return inform(f"{path} is not there")
    return require(found["owner"] == owner, f"{path} is {found['owner']}'s")


def _is_at_most(path: str, most: int, host: Host) -> Outcome:
    found = host.told["files"].get(path)
    if found is None:
        return inform(f"{path} is not there")
    return require(not int(found["mode"], 8) & ~most, f"{path} has mode {found['mode']}")


def _are_registry_certificates_owned(host: Host) -> Outcome:
    found = _list_certificates(host)
    strange = [path for path in found if host.told["files"][path]["owner"] != "root:root"]
    return fail_on(strange) if found else inform("no certificates of registries")


def _are_registry_certificates_closed(host: Host) -> Outcome:
    found = _list_certificates(host)
    open_ones = [path for path in found if int(host.told["files"][path]["mode"], 8) & ~0o444]
    return fail_on(open_ones) if found else inform("no certificates of registries")


def _list_certificates(host: Host) -> list[str]:
    return [path for path in host.told["files"] if path.startswith(_CERTIFICATES)]


def _has_no_tls_files(host: Host) -> Outcome:
    given = [key for key in ("tlscacert", "tlscert", "tlskey") if key in host.daemon]
    return fail_on(given) if given else inform("the engine listens on no TCP port")


def _make_file_checks() -> list[Check]:
    checks: list[Check] = []
    for owner_number, mode_number, path, owner, most in _OWNED:
        checks.append(Check(owner_number, f"{path} is {owner}'s", functools.partial(_is_owned_by, path, owner)))
        checks.append(Check(mode_number, f"{path} is {most:o} at most", functools.partial(_is_at_most, path, most)))
    return checks


CHECKS = (
    Check("1.1.1", "Containers have a partition of their own", _has_own_partition),
    Check("1.1.2", "Only trusted users control the engine", _has_trusted_users_alone),
    *(Check(number, f"{paths[-1]} is audited", functools.partial(_is_audited, paths)) for number, paths in _AUDITED),
    Check("1.2.1", "The host is hardened", lambda _host: inform("docs/hardening.md says what is done")),
    Check("1.2.2", "The engine is up to date", lambda host: inform(str(host.info.get("ServerVersion")))),
    *_make_file_checks(),
    Check("3.7", "Certificates of registries are root's", _are_registry_certificates_owned),
    Check("3.8", "Certificates of registries are 444 at most", _are_registry_certificates_closed),
    *(Check(number, title, _has_no_tls_files) for number, title in _TLS),
)

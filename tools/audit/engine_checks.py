"""Sections 2 and 7 of docker-bench-security: the engine's settings, and the swarm's. Pure."""

import functools
from typing import Any

from tools.audit.rules import Check, Host, Outcome, fail_on, inform, require

__all__ = ["CHECKS"]

_SWARM_PORT = "2377"
_ANYWHERE = ("0.0.0.0", "*", "[::]")
_MOST_MANAGERS = 7


def _has(key: str, wanted: Any, host: Host) -> Outcome:
    found = host.daemon.get(key)
    return require(found == wanted, f"{key} is {found!r}")


def _has_not(key: str, argument: str, host: Host) -> Outcome:
    given = key in host.daemon or any(word.startswith(argument) for word in host.told["arguments"])
    return require(not given, f"{key} is set")


def _logs_at_info(host: Host) -> Outcome:
    return require(host.daemon.get("log-level", "info") == "info", f"log-level is {host.daemon.get('log-level')}")


def _uses_iptables(host: Host) -> Outcome:
    return require(host.daemon.get("iptables", True) is True, "iptables is off")


def _stores_without(driver: str, host: Host) -> Outcome:
    return require(host.info.get("Driver") != driver, f"the storage driver is {driver}")


def _listens_on_no_port(host: Host) -> Outcome:
    addresses = [*host.daemon.get("hosts", ()), *(word for word in host.told["arguments"] if word.startswith("tcp"))]
    return fail_on([address for address in addresses if address.startswith("tcp")])


def _limits_by_default(host: Host) -> Outcome:
    return require(bool(host.daemon.get("default-ulimits")), "no default-ulimits")


def _maps_users(host: Host) -> Outcome:
    return require(any("userns" in one for one in _list_options(host)), "root in a container is root on the host")


def _list_options(host: Host) -> list[str]:
    return list(host.info.get("SecurityOptions") or ())


def _authorizes(host: Host) -> Outcome:
    plugins = (host.info.get("Plugins") or {}).get("Authorization")
    return require(bool(plugins), "no authorization plugin")


def _logs_elsewhere(host: Host) -> Outcome:
    driver = host.info.get("LoggingDriver")
    return require(driver not in ("json-file", "local", "journald", "none"), f"the log driver is {driver}")


def _restores(host: Host) -> Outcome:
    in_swarm = (host.info.get("Swarm") or {}).get("LocalNodeState") == "active"
    # docker-bench-security lets it pass in a swarm, which excludes it.
    return require(bool(host.info.get("LiveRestoreEnabled")) or in_swarm, "live-restore is off")


def _filters_calls(host: Host) -> Outcome:
    return require(any("name=seccomp" in one for one in _list_options(host)), "no seccomp profile")


def _is_no_experiment(host: Host) -> Outcome:
    return require(not host.info.get("ExperimentalBuild"), "experimental features are on")


def _on_managers(judge: Any, host: Host) -> Outcome:
    outcome: Outcome = judge(host) if host.is_manager else inform("asked on managers")
    return outcome


def _has_few_managers(host: Host) -> Outcome:
    count = int(host.info["Swarm"]["Managers"])
    return require(count % 2 == 1 and count <= _MOST_MANAGERS, f"{count} managers")


def _listens_on_one_address(host: Host) -> Outcome:
    ends = [one.rpartition(":") for one in host.told["listening"]]
    return fail_on([f"{address}:{port}" for address, _, port in ends if port == _SWARM_PORT and address in _ANYWHERE])


def _encrypts(host: Host) -> Outcome:
    overlays = [one for one in host.told["networks"] or () if one["Driver"] == "overlay"]
    return fail_on([f"{one['Name']} is not encrypted" for one in overlays if "encrypted" not in (one["Options"] or {})])


def _keeps_secrets(host: Host) -> Outcome:
    return require(bool(host.told["secrets"]), "the swarm has no secret")


def _is_locked(host: Host) -> Outcome:
    settings = host.told["swarm"]["Spec"]["EncryptionConfig"]
    return require(bool(settings["AutoLockManagers"]), "managers start without a key")


def _expires(host: Host) -> Outcome:
    days = host.told["swarm"]["Spec"]["CAConfig"]["NodeCertExpiry"] / 86_400e9
    return inform(f"certificates of nodes live {days:g} days, and are renewed before")


def _tell(text: str, _host: Host) -> Outcome:
    return inform(text)


CHECKS = (
    Check("2.1", "The engine runs without root, if possible", functools.partial(_tell, "swarm needs root")),
    Check("2.2", "Containers on the default bridge are apart", functools.partial(_has, "icc", False)),
    Check("2.3", "The log level is info", _logs_at_info),
    Check("2.4", "The engine may change iptables", _uses_iptables),
    Check("2.5", "No registry is insecure", functools.partial(_has_not, "insecure-registries", "--insecure-registry")),
    Check("2.6", "The storage driver is not aufs", functools.partial(_stores_without, "aufs")),
    Check("2.7", "No TCP port without TLS", _listens_on_no_port),
    Check("2.8", "Default ulimits are set", _limits_by_default),
    Check("2.9", "User namespaces are used", _maps_users),
    Check("2.10", "The default cgroup is used", functools.partial(_has_not, "cgroup-parent", "--cgroup-parent")),
    Check("2.11", "The base device size is as it was", functools.partial(_has_not, "storage-opts", "--storage-opt")),
    Check("2.12", "Commands of clients are authorized", _authorizes),
    Check("2.13", "Logs go to another place", _logs_elsewhere),
    Check("2.14", "Containers gain no privileges", functools.partial(_has, "no-new-privileges", True)),
    Check("2.15", "Live restore is on, or swarm excludes it", _restores),
    Check("2.16", "The userland proxy is off", functools.partial(_has, "userland-proxy", False)),
    Check("2.17", "A seccomp profile is applied", _filters_calls),
    Check("2.18", "Experimental features are off", _is_no_experiment),
    Check("7.1", "No more managers than needed", functools.partial(_on_managers, _has_few_managers)),
    Check("7.2", "The swarm listens on one address", functools.partial(_on_managers, _listens_on_one_address)),
    Check("7.3", "Overlay networks are encrypted", functools.partial(_on_managers, _encrypts)),
    Check("7.4", "Secrets are kept by the swarm", functools.partial(_on_managers, _keeps_secrets)),
    Check("7.5", "Managers are locked", functools.partial(_on_managers, _is_locked)),
    Check("7.6", "The key of the lock is rotated", functools.partial(_tell, "by 'docker swarm unlock-key --rotate'")),
    Check("7.7", "Certificates of nodes are rotated", functools.partial(_on_managers, _expires)),
    Check("7.8", "Certificates of the CA are rotated", functools.partial(_tell, "by 'docker swarm ca --rotate'")),
    Check("7.9", "Management and data have networks apart", functools.partial(_tell, "hosts have one interface")),
)

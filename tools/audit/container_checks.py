"""Section 5 of docker-bench-security: the running containers. Pure."""

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tools.audit.rules import Check, Host, Outcome, fail_on, inform, require

__all__ = ["CHECKS"]

Plain = Mapping[str, Any]

_SENSITIVE = ("/", "/boot", "/dev", "/etc", "/lib", "/proc", "/sys", "/usr")
_PRIVILEGED_PORTS = 1024
_RETRIES = 5
_SOCKET = "docker.sock"


def _each(find: Callable[[Plain], str], host: Host) -> Outcome:
    """Fails for every container of which `find` tells something."""
    told = [(_name(one), find(one)) for one in host.containers]
    return fail_on(sorted({f"{name}: {word}" for name, word in told if word}))


def _name(container: Plain) -> str:
    """Gives the service's name where there is one: tasks come and go."""
    labels = container["Config"].get("Labels") or {}
    return str(labels.get("com.docker.swarm.service.name") or container["Name"].lstrip("/"))


def _setting(key: str, bad: tuple[Any, ...], word: str, container: Plain) -> str:
    return word if container["HostConfig"].get(key) in bad else ""


def _is_swarm_needed(host: Host) -> Outcome:
    state = (host.info.get("Swarm") or {}).get("LocalNodeState")
    return require(state != "active", "swarm mode is on")


def _find_apparmor(container: Plain) -> str:
    return "" if container.get("AppArmorProfile") else "no AppArmor profile"


def _has_selinux(host: Host) -> Outcome:
    if not any("selinux" in one for one in host.info.get("SecurityOptions") or ()):
        return inform("the host has no SELinux")
    return _each(lambda one: "" if one.get("ProcessLabel") else "no label", host)


def _find_capabilities(container: Plain) -> str:
    added = container["HostConfig"].get("CapAdd") or ()
    return f"adds {' '.join(added)}" if added else ""


def _find_sensitive_mounts(container: Plain) -> str:
    sources = [mount["Source"] for mount in container["Mounts"] if mount["Type"] == "bind"]
    return " ".join(source for source in sources if source in _SENSITIVE)


def _runs_no_sshd(host: Host) -> Outcome:
    names = {one["Id"]: _name(one) for one in host.containers}
    found = [names[one] for one, lines in host.told["processes"].items() if any("sshd" in line for line in lines)]
    return fail_on(sorted(found))


def _list_bindings(container: Plain) -> Iterator[Plain]:
    ports = container["NetworkSettings"].get("Ports") or {}
    return (binding for bindings in ports.values() for binding in bindings or ())


def _find_privileged_ports(container: Plain) -> str:
    ports = {int(one["HostPort"]) for one in _list_bindings(container)}
    return " ".join(str(port) for port in sorted(ports) if port < _PRIVILEGED_PORTS)


def _list_open_ports(host: Host) -> Outcome:
    ports = {f"{_name(one)}:{binding['HostPort']}" for one in host.containers for binding in _list_bindings(one)}
    return inform(", ".join(sorted(ports)) or "no port is open")


def _find_wildcards(container: Plain) -> str:
    wild = {one["HostPort"] for one in _list_bindings(container) if one["HostIp"] in ("0.0.0.0", "::", "")}
    return f"any address, port {' '.join(sorted(wild))}" if wild else ""


def _find_cpu(container: Plain) -> str:
    limits = container["HostConfig"]
    return "" if limits.get("CpuShares") or limits.get("NanoCpus") or limits.get("CpuQuota") else "no limit of CPU"


def _restarts_seldom(host: Host) -> Outcome:
    """Asks the services: the engine itself restarts no task of a swarm."""
    specs = [service["Spec"] for service in host.told["services"] or ()]
    policies = {spec["Name"]: spec["TaskTemplate"].get("RestartPolicy") or {} for spec in specs}
    endless = [name for name, policy in sorted(policies.items()) if policy.get("MaxAttempts") != _RETRIES]
    return fail_on([f"{name} restarts without end" for name in endless]) if specs else inform("asked on managers")


def _list_ulimits(host: Host) -> Outcome:
    own = sorted({_name(one) for one in host.containers if one["HostConfig"].get("Ulimits")})
    return inform(f"of their own: {', '.join(own) or 'none'}")


def _find_shared_mounts(container: Plain) -> str:
    return " ".join(one["Destination"] for one in container["Mounts"] if one.get("Propagation") == "shared")


def _find_option(option: str, container: Plain) -> str:
    return option if option in (container["HostConfig"].get("SecurityOpt") or ()) else ""


def _gains_no_privileges(host: Host) -> Outcome:
    if host.daemon.get("no-new-privileges") is True:
        return _each(functools.partial(_find_option, "no-new-privileges=false"), host)
    options = [(one["HostConfig"].get("SecurityOpt") or (), _name(one)) for one in host.containers]
    return fail_on(sorted({name for given, name in options if not any("no-new-privileges" in one for one in given)}))


def _find_health(container: Plain) -> str:
    return "" if container["State"].get("Health") else "no health check"


def _find_tag(container: Plain) -> str:
    return "" if "@sha256:" in container["Config"]["Image"] else "an image without digest"


def _find_processes(container: Plain) -> str:
    return "" if (container["HostConfig"].get("PidsLimit") or 0) > 0 else "no limit of processes"


def _find_default_bridge(container: Plain) -> str:
    return "on docker0" if "bridge" in container["NetworkSettings"]["Networks"] else ""


def _find_socket(container: Plain) -> str:
    return " ".join(mount["Source"] for mount in container["Mounts"] if _SOCKET in mount["Source"])


def _each_check(number: str, title: str, find: Callable[[Plain], str]) -> Check:
    return Check(number, title, functools.partial(_each, find))


def _setting_check(number: str, title: str, key: str, bad: tuple[Any, ...], word: str) -> Check:
    return _each_check(number, title, functools.partial(_setting, key, bad, word))


_HOST = ("host",)
_NONE = (None, 0)

CHECKS = (
    Check("5.1", "Swarm mode is off, if not needed", _is_swarm_needed),
    _each_check("5.2", "AppArmor confines containers", _find_apparmor),
    Check("5.3", "SELinux confines containers", _has_selinux),
    _each_check("5.4", "No capability is added", _find_capabilities),
    _setting_check("5.5", "No container is privileged", "Privileged", (True,), "privileged"),
    _each_check("5.6", "No folder of the system is mounted", _find_sensitive_mounts),
    Check("5.7", "No sshd runs in containers", _runs_no_sshd),
    _each_check("5.8", "No privileged port is published", _find_privileged_ports),
    Check("5.9", "Only needed ports are open", _list_open_ports),
    _setting_check("5.10", "The host's network is not shared", "NetworkMode", _HOST, "the host's network"),
    _setting_check("5.11", "Memory is limited", "Memory", _NONE, "no limit of memory"),
    _each_check("5.12", "CPU is limited", _find_cpu),
    _setting_check("5.13", "Root file systems are read-only", "ReadonlyRootfs", (False, None), "may be written"),
    _each_check("5.14", "Ports are bound to one address", _find_wildcards),
    Check("5.15", "Restarts end after five", _restarts_seldom),
    _setting_check("5.16", "The host's processes are not shared", "PidMode", _HOST, "the host's processes"),
    _setting_check("5.17", "The host's IPC is not shared", "IpcMode", _HOST, "the host's IPC"),
    _each_check("5.18", "No device is given", lambda one: "devices" if one["HostConfig"].get("Devices") else ""),
    Check("5.19", "Ulimits of one's own where needed", _list_ulimits),
    _each_check("5.20", "No mount is shared", _find_shared_mounts),
    _setting_check("5.21", "The host's UTS is not shared", "UTSMode", _HOST, "the host's UTS"),
    _each_check("5.22", "The seccomp profile is on", functools.partial(_find_option, "seccomp=unconfined")),
    Check("5.23", "Nobody executes with privileges", lambda _host: inform("the audit log of docker tells")),
    Check("5.24", "Nobody executes as root", lambda _host: inform("the audit log of docker tells")),
    _each_check("5.25", "The default cgroup is used", lambda one: str(one["HostConfig"].get("CgroupParent") or "")),
    Check("5.26", "Containers gain no privileges", _gains_no_privileges),
    _each_check("5.27", "Health is checked", _find_health),
    _each_check("5.28", "Images are what was asked for", _find_tag),
    _each_check("5.29", "Processes are limited", _find_processes),
    _each_check("5.30", "The default bridge is not used", _find_default_bridge),
    _setting_check("5.31", "The host's users are not shared", "UsernsMode", _HOST, "the host's users"),
    _each_check("5.32", "Docker's socket is not mounted", _find_socket),
)

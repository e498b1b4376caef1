"""What a host tells on which every rule of the audit passes or does not apply, and how tests change one fact of it."""

import copy
import json
from typing import Any

from cloud_init import hardening
from tools import audit
from tools.audit import on_host

_SOCKETS = ("/var/run/docker.sock", "/run/containerd/containerd.sock")


def make_container() -> dict[str, Any]:
    """Makes a container as the engine tells of it."""
    limits = {"Memory": 2**26, "NanoCpus": 10**9, "PidsLimit": 64, "ReadonlyRootfs": True}
    return {
        "Id": "c1",
        "Name": "/shop_web.1.abc",
        "AppArmorProfile": "docker-default",
        "State": {"Health": {"Status": "healthy"}},
        "Config": {"Image": "shop/web@sha256:1", "Labels": {"com.docker.swarm.service.name": "shop_web"}},
        "HostConfig": {"NetworkMode": "default", **limits},
        "Mounts": [{"Type": "volume", "Source": "data", "Destination": "/data"}],
        "NetworkSettings": {
            "Ports": {"8080/tcp": [{"HostIp": "10.0.0.4", "HostPort": "8080"}]},
            "Networks": {"in": {}},
        },
    }


def make_told() -> dict[str, Any]:
    """Makes what a manager tells."""
    files = {path: {"owner": "root:root", "mode": "644"} for path in on_host.FILES if "sysconfig" not in path}
    files |= {path: {"owner": "root:root", "mode": "660"} for path in _SOCKETS}
    files["/var/run/docker.sock"]["owner"] = "root:docker"
    spec = {"EncryptionConfig": {"AutoLockManagers": True}, "CAConfig": {"NodeCertExpiry": 7_776_000_000_000_000}}
    host_files = hardening.make_host_files()
    return {
        "info": {
            "Driver": "overlay2",
            "LoggingDriver": "syslog",
            "SecurityOptions": ["name=seccomp,profile=default", "name=userns"],
            "Plugins": {"Authorization": ["opa"]},
            "ServerVersion": "20.10.24",
            "Swarm": {"LocalNodeState": "inactive", "ControlAvailable": True, "Managers": 3},
        },
        "arguments": ["dockerd", "-H", "fd://"],
        "daemon": {**json.loads(host_files["/etc/docker/daemon.json"]), "live-restore": True},
        "audit_loaded": host_files["/etc/audit/rules.d/50-azure-swarm.rules"],
        "audit_written": "",
        "files": files,
        "mounts": ["/", "/var/lib/docker"],
        "docker_users": ["azureuser"],
        "containers": [make_container()],
        "processes": {"c1": ["1 nginx"]},
        "networks": [{"Name": "in", "Driver": "overlay", "Options": {"encrypted": ""}}],
        "services": [{"Spec": {"Name": "shop_web", "TaskTemplate": {"RestartPolicy": {"MaxAttempts": 5}}}}],
        "secrets": 1,
        "swarm": {"Spec": spec},
        "listening": ["10.0.0.4:2377", "0.0.0.0:22"],
    }


def make_host(path: str = "", value: Any = None, name: str = "manager-0") -> audit.Host:
    """Makes a host in which the fact at a path, its keys parted by '>', is another."""
    told: Any = {**make_told(), "info": {**make_told()["info"], "LiveRestoreEnabled": True}}
    changed = copy.deepcopy(told)
    found, keys = changed, path.split(">")
    for key in keys[:-1]:
        found = found[int(key)] if isinstance(found, list) else found[key]
    if path:
        found[keys[-1]] = value
    return audit.Host(name, changed)

"""Collects as JSON what the checks of docker-bench-security ask of a host. Runs there, by its own python3, as root.

It changes nothing and needs nothing of the project: its text is sent over SSH.
"""

import glob
import grp
import json
import os
import pathlib
import pwd
import stat
import subprocess

FILES = (
    "/etc/docker",
    "/etc/docker/daemon.json",
    "/etc/default/docker",
    "/etc/sysconfig/docker",
    "/lib/systemd/system/docker.service",
    "/lib/systemd/system/docker.socket",
    "/var/run/docker.sock",
    "/run/containerd",
    "/run/containerd/containerd.sock",
    "/etc/containerd/config.toml",
    "/var/lib/docker",
    "/usr/bin/docker",
    "/usr/bin/dockerd",
    "/usr/sbin/dockerd",
    "/usr/bin/containerd",
    "/usr/bin/containerd-shim",
    "/usr/bin/containerd-shim-runc-v1",
    "/usr/bin/containerd-shim-runc-v2",
    "/usr/bin/runc",
)


def run(*command: str) -> "str | None":
    """Gives what a command printed; None where it failed or is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def read_text(path: str) -> str:
    """Gives the text of a file; nothing where there is none."""
    try:
        return pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def describe_file(path: str) -> "dict[str, str]":
    """Gives owner, group and mode of a file."""
    found = os.stat(path)
    owner, group = pwd.getpwuid(found.st_uid).pw_name, grp.getgrgid(found.st_gid).gr_name
    return {"owner": f"{owner}:{group}", "mode": f"{stat.S_IMODE(found.st_mode):o}"}


def list_registry_certificates() -> "list[str]":
    """Lists the certificates that the engine trusts for registries."""
    return sorted(glob.glob("/etc/docker/certs.d/*/*"))


def ask(path: str) -> "object":
    """Asks the engine by its socket; None where it refuses."""
    told = run("curl", "-fsS", "--unix-socket", "/var/run/docker.sock", f"http://localhost{path}")
    return json.loads(told) if told else None


def list_containers() -> "list[object]":
    """Gives all that the engine tells of the running containers."""
    listed = ask("/containers/json") or []
    assert isinstance(listed, list)
    return [found for found in (ask(f"/containers/{one['Id']}/json") for one in listed) if found]


def list_processes(containers: "list[object]") -> "dict[str, list[str]]":
    """Gives the commands that run in each container, by its id."""
    ids = [str(one["Id"]) for one in containers if isinstance(one, dict)]
    return {one: (run("docker", "top", one, "-o", "pid,comm") or "").splitlines()[1:] for one in ids}


def list_engine_arguments() -> "list[str]":
    """Gives the command line of the engine."""
    process = (run("pidof", "dockerd") or "").split()
    return read_text(f"/proc/{process[0]}/cmdline").split("\0")[:-1] if process else []


def make_report() -> "dict[str, object]":
    """Collects everything."""
    containers = list_containers()
    certificates = list_registry_certificates()
    return {
        "info": ask("/info"),
        "arguments": list_engine_arguments(),
        "daemon": json.loads(read_text("/etc/docker/daemon.json") or "{}"),
        "container": run("systemd-detect-virt", "--container") is not None,
        "audit_loaded": run("auditctl", "-l"),
        "audit_written": "".join(read_text(path) for path in sorted(glob.glob("/etc/audit/rules.d/*.rules"))),
        "files": {path: describe_file(path) for path in (*FILES, *certificates) if os.path.exists(path)},
        "mounts": [line.split()[1] for line in read_text("/proc/mounts").splitlines()],
        "docker_users": grp.getgrnam("docker").gr_mem,
        "containers": containers,
        "processes": list_processes(containers),
        "networks": ask("/networks"),
        "services": ask("/services"),
        "secrets": len(found) if isinstance(found := ask("/secrets"), list) else None,
        "swarm": make_swarm_report(),
        "listening": list_listening(),
    }


def make_swarm_report() -> "object":
    """Gives the swarm's settings without its join tokens; None on a worker."""
    found = ask("/swarm")
    return {key: value for key, value in found.items() if key != "JoinTokens"} if isinstance(found, dict) else None


def list_listening() -> "list[str]":
    """Lists the local addresses on which TCP ports listen, as `ss` prints them."""
    return [line.split()[3] for line in (run("ss", "-H", "-l", "-n", "-t") or "").splitlines()]


if __name__ == "__main__":
    print(json.dumps(make_report()))

"""What a secret holds. The engine never tells; a host on which a task uses the secret does, by the hash of its file."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from providers import kit
from providers.swarm import host_names
from providers.swarm.cluster import Cluster

_ASKED_TASKS = 3


async def holds(cluster: Cluster, secret_id: str, data: bytes) -> bool:
    """Tells whether a secret holds `data`; no, where no reachable host holds the secret.

    The hash is made on the host; the content goes nowhere.
    """
    wanted = hashlib.sha256(data).hexdigest()
    for host, container in (await _list_holders(cluster, secret_id))[:_ASKED_TASKS]:
        found = await _hash_on_host(cluster, host, container, secret_id)
        if found:
            return found == wanted
    return False


async def _list_holders(cluster: Cluster, secret_id: str) -> list[tuple[str, str]]:
    """Lists host and container of the tasks that run with a secret."""
    filters = json.dumps({"desired-state": ["running"]})
    tasks = await cluster.request("GET", "/tasks", query={"filters": filters}) or []
    hosts = {node["ID"]: host_names.read_hostname(node) for node in await cluster.request("GET", "/nodes")}
    using = [task for task in tasks if secret_id in _list_secrets(task) and task["Status"]["State"] == "running"]
    return [(hosts[task["NodeID"]], _get_container(task)) for task in using if hosts.get(task["NodeID"])]


def _list_secrets(task: Mapping[str, Any]) -> list[str]:
    container = task["Spec"].get("ContainerSpec") or {}
    return [secret["SecretID"] for secret in container.get("Secrets") or []]


def _get_container(task: Mapping[str, Any]) -> str:
    return str((task["Status"].get("ContainerStatus") or {}).get("ContainerID", ""))


async def _hash_on_host(cluster: Cluster, host: str, container: str, secret_id: str) -> str:
    """Gives the hash of the file that the engine mounts into a container; empty when it cannot be had."""
    try:
        root = (await (await cluster.hosts.engine(host)).request("GET", "/info"))["DockerRootDir"]
        file = f"{root}/containers/{container}/mounts/secrets/{secret_id}"
        return (await cluster.hosts.run(host, f"sudo sha256sum '{file}'")).partition(" ")[0]
    except kit.ResourceError:
        return ""

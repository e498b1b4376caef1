"""Facts as they are when nothing is wrong, and how tests change one of them."""

from typing import Any

from tools import facts

NOW = 1_764_000_000.0
IMAGE = "registry/shop/web@sha256:0123456789abcdef"


def make_node(name: str, role: str = "worker", state: str = "ready", **spec: Any) -> dict[str, Any]:
    """Makes a node as the Engine API gives it; a manager is reachable, manager-0 leads."""
    manager = {"Leader": name == "manager-0", "Reachability": "reachable", "Addr": "10.0.0.1:2377"}
    node = {
        "ID": f"id-{name}",
        "Spec": {"Role": role, "Availability": "active", "Labels": {}, **spec},
        "Description": {
            "Hostname": name,
            "Resources": {"NanoCPUs": 2_000_000_000, "MemoryBytes": 4 * 2**30},
            "Engine": {"EngineVersion": "20.10.24"},
        },
        "Status": {"State": state, "Addr": "10.0.0.1"},
    }
    return {**node, "ManagerStatus": manager} if role == "manager" else node


def make_spec(replicas: int = 1, **placement: Any) -> dict[str, Any]:
    """Makes the spec of a service as the state has it."""
    task = {"ContainerSpec": {"Image": IMAGE}, "Placement": placement}
    return {"Mode": {"Replicated": {"Replicas": replicas}}, "TaskTemplate": task}


def make_service(spec: dict[str, Any], name: str = "shop_web", **rest: Any) -> dict[str, Any]:
    """Makes a service as the Engine API gives it."""
    counted = {"RunningTasks": 1, "DesiredTasks": 1}
    return {"ID": f"id-{name}", "Spec": {**spec, "Name": name}, "ServiceStatus": counted, **rest}


def make_task(state: str = "running", number: int = 1, **rest: Any) -> dict[str, Any]:
    """Makes a task of shop_web as the Engine API gives it; a higher number is later."""
    return {
        "ID": f"task-{number}",
        "ServiceID": "id-shop_web",
        "Slot": 1,
        "NodeID": "id-worker-0",
        "Spec": make_spec()["TaskTemplate"],
        "DesiredState": "running" if state in ("running", "pending") else "shutdown",
        "Status": {"State": state, "Timestamp": f"2025-11-24T15:{number:02}:00.123456789Z"},
        **rest,
    }


def make_host(name: str, **rest: Any) -> facts.Host:
    """Makes a host that answers."""
    role = {"ControlAvailable": name.startswith("manager"), "NodeAddr": "10.0.0.1"}
    report = facts.Report(ports={"80": "ready"}, disks={"/": 0.2}, ends={"swarm node": NOW + 60 * 86_400})
    return facts.Host(name, **{"info": {"Swarm": role}, "report": report, **rest})


def make_facts(**changes: Any) -> facts.Facts:
    """Makes the facts of a manager, a worker and a service, all well."""
    recorded = facts.Recorded(
        {
            "manager-0": {"host": "manager-0", "role": "manager"},
            "worker-0": {"host": "worker-0", "role": "worker"},
        },
        {"shop_web": make_spec()},
    )
    well: dict[str, Any] = {
        "commands": facts.Commands("dev", "sandbox"),
        "recorded": recorded,
        "hosts": [make_host("manager-0"), make_host("worker-0")],
        "swarm": make_swarm(),
        "urls": {"shop_web:80": "http://a/"},
        "answers": {"shop_web:80": facts.Answer("200 in 3 ms", True)},
        "now": NOW,
    }
    return facts.Facts(**{**well, **changes})


def make_swarm(**changes: Any) -> facts.Swarm:
    """Makes what a manager says when all is well."""
    well: dict[str, Any] = {
        "speaker": "manager-0",
        "nodes": [make_node("manager-0", "manager"), make_node("worker-0")],
        "services": [make_service(make_spec())],
        "tasks": [make_task()],
    }
    return facts.Swarm(**{**well, **changes})

"""The swarm's objects in memory: networks, configs, secrets, and services with an orchestrator for their tasks.

An image whose name holds "broken" fails at every start, one that holds "missing" is rejected; others run.
"""

import asyncio
import base64
import copy
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from providers.swarm import placement
from providers.swarm.hosts import EngineError
from tests.doubles import memory_swarm, virtual_time

_KINDS = ("networks", "configs", "secrets", "services")
_ENDED = ("shutdown", "failed", "rejected", "complete")


class Objects:
    """What the managers store beside nodes."""

    def __init__(self, swarm: "memory_swarm.Swarm") -> None:
        self._swarm = swarm
        self.stored: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in _KINDS}
        self.tasks: dict[str, dict[str, Any]] = {}
        self.registry_auths: list[Mapping[str, str] | None] = []
        # A test sets it to let another writer be first, so many times.
        self.conflicts = 0
        # What secrets hold, which the engine never tells.
        self.contents: dict[str, bytes] = {}
        # What the tags in the registry name.
        self.digests: dict[str, str] = {}
        # Nodes (by id) on which tasks do not start: "broken" lets them fail, "slow" lets them wait, "full" takes none.
        self.faults: dict[str, str] = {}
        # How long tasks take to stop, and since when they do.
        self.stopping_seconds = 0.0
        self._stopping: dict[str, float] = {}
        # What containers of an image write.
        self.logs: dict[str, bytes] = {}

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any, auth: Any) -> Any:
        """Answers a request."""
        kind, *words = path.strip("/").split("/")
        filters = json.loads(query.get("filters", "{}"))
        if kind == "tasks":
            return self._list_tasks(filters)
        if kind in ("distribution", "images"):
            return self._find_digest("/".join(words[:-1]))
        if kind == "networks" and words and query.get("scope") == "swarm":
            return self._find_named_network(words[0])
        if words == ["create"]:
            return self._create(kind, body, auth)
        if not words:
            return self._list(kind, filters)
        found = self._find(kind, words[0])
        if method == "DELETE":
            return self._delete(kind, words[0])
        if method == "POST":
            return self._update(kind, found, query, body, auth)
        return copy.deepcopy(found)

    def _find_digest(self, image: str) -> dict[str, Any]:
        if image not in self.digests:
            raise EngineError(404, f"manifest for {image} not found")
        return {"Descriptor": {"digest": self.digests[image]}}

    def _find(self, kind: str, object_id: str) -> dict[str, Any]:
        if object_id not in self.stored[kind]:
            raise EngineError(404, f"{kind.removesuffix('s')} {object_id} not found")
        return self.stored[kind][object_id]

    def _find_named_network(self, name: str) -> dict[str, Any]:
        found = next((one for one in self.stored["networks"].values() if name in (one["Name"], one["Id"])), None)
        if found is None:
            raise EngineError(404, f"network {name} not found")
        return copy.deepcopy(found)

    def hash_secret(self, command: str) -> str:
        """Gives what `sha256sum` says of the file of a secret, which has the secret's id as its name."""
        secret_id = command.rstrip("'").rsplit("/", 1)[1]
        return f"{hashlib.sha256(self.contents[secret_id]).hexdigest()}  {secret_id}\n"

    def read_log(self, task_id: str) -> bytes:
        """Gives what a task wrote, as the engine frames it."""
        text = self.logs.get(self.tasks[task_id]["Spec"]["ContainerSpec"]["Image"], b"")
        return b"\x01\0\0\0" + len(text).to_bytes(4, "big") + text if text else b""

    def _list(self, kind: str, filters: Mapping[str, list[str]]) -> list[dict[str, Any]]:
        prefixes = filters.get("name", [""])
        found = self.stored[kind].values()
        return [copy.deepcopy(one) for one in found if any(_name(one).startswith(prefix) for prefix in prefixes)]

    def _create(self, kind: str, body: Any, auth: Any) -> dict[str, str]:
        if any(_name(one) == body["Name"] for one in self.stored[kind].values()):
            raise EngineError(409, "rpc error: code = AlreadyExists desc = name conflicts with an existing object")
        object_id = self._swarm.machines.new_id(kind.removesuffix("s"))
        version = {"Index": self._swarm.next_version()}
        if kind == "networks":
            self.stored[kind][object_id] = {**_fill_network(body), "Id": object_id}
            return {"Id": object_id}
        stored = {"ID": object_id, "Version": version, "Spec": _fill_spec(kind, body)}
        self.contents[object_id] = base64.b64decode(body.get("Data", ""))
        self.stored[kind][object_id] = stored
        if kind == "services":
            self._note_write(stored, auth)
        return {"ID": object_id}

    def _note_write(self, service: dict[str, Any], auth: Any) -> None:
        self.registry_auths.append(auth)
        service["UpdateStatus"] = None
        if "ReplicatedJob" in service["Spec"]["Mode"] or "GlobalJob" in service["Spec"]["Mode"]:
            service["JobStatus"] = {"JobIteration": {"Index": self._swarm.version}}

    def _update(self, kind: str, found: dict[str, Any], query: Mapping[str, str], body: Any, auth: Any) -> None:
        if self.conflicts > 0:
            self.conflicts -= 1
            found["Version"]["Index"] = self._swarm.next_version()
        memory_swarm.check_version(query, found["Version"]["Index"])
        if kind == "services" and set(body["Mode"]) != set(found["Spec"]["Mode"]):
            raise EngineError(501, "rpc error: code = Unimplemented desc = service mode change is not allowed")
        if kind in ("configs", "secrets") and body["Name"] != found["Spec"]["Name"]:
            raise EngineError(400, "rpc error: code = InvalidArgument desc = only updates to Labels are allowed")
        found["Spec"] = _fill_spec(kind, body)
        found["Version"]["Index"] = self._swarm.next_version()
        if kind == "services":
            self._note_write(found, auth)

    def _delete(self, kind: str, object_id: str) -> None:
        users = [
            one["Spec"]["Name"] for one in self.stored["services"].values() if object_id in json.dumps(one["Spec"])
        ]
        attached = [task for task in self.tasks.values() if object_id in json.dumps(task["Spec"]) and _alive(task)]
        if kind != "services" and (users or attached):
            raise EngineError(400, f"rpc error: code = FailedPrecondition desc = {object_id} is in use by {users}")
        del self.stored[kind][object_id]

    def _list_tasks(self, filters: Mapping[str, list[str]]) -> list[dict[str, Any]]:
        for service_id in filters.get("service", []):
            self._find("services", service_id)
        return [copy.deepcopy(task) for task in self.tasks.values() if _matches(task, filters)]

    def step(self) -> None:
        """Lets every task and every service take one step."""
        for task in list(self.tasks.values()):
            self._step_task(task)
        for service in self.stored["services"].values():
            self._orchestrate(service)

    def _step_task(self, task: dict[str, Any]) -> None:
        if task["ServiceID"] not in self.stored["services"]:
            task["DesiredState"] = "remove"
        if not self._swarm.machine_of(task["NodeID"]):
            return
        if task["DesiredState"] in ("shutdown", "remove"):
            if task["Status"]["State"] not in _ENDED and self._has_stopped(task["ID"]):
                task["Status"] = {"State": "shutdown"}
        elif task["Status"]["State"] == "preparing" and self.faults.get(task["NodeID"]) != "slow":
            task["Status"] = _start(task, self.faults.get(task["NodeID"], ""))

    def _has_stopped(self, task_id: str) -> bool:
        now = asyncio.get_running_loop().time()
        return now - self._stopping.setdefault(task_id, now) >= self.stopping_seconds

    def _orchestrate(self, service: dict[str, Any]) -> None:
        nodes = [self._swarm.describe(node_id) for node_id in self._swarm.nodes]
        mine = [task for task in self.tasks.values() if task["ServiceID"] == service["ID"]]
        for slot, node_id in self._list_wanted(service, nodes, mine):
            self._fill_slot(service, slot, node_id, [task for task in mine if task["Slot"] == slot])
        wanted = {slot for slot, _ in self._list_wanted(service, nodes, mine)}
        for task in mine:
            if task["Slot"] not in wanted:
                task["DesiredState"] = "shutdown"

    def _list_wanted(
        self, service: dict[str, Any], nodes: list[dict[str, Any]], mine: list[dict[str, Any]]
    ) -> list[tuple[Any, str]]:
        mode, fits = service["Spec"]["Mode"], [node for node in nodes if _fits(service, node)]
        takers = [node["ID"] for node in fits if placement.takes_tasks(node) and self.faults.get(node["ID"]) != "full"]
        if "Global" in mode or "GlobalJob" in mode:
            kept = {task["Slot"] for task in mine if _alive(task)}
            paused = [node["ID"] for node in fits if node["Spec"]["Availability"] == "pause" and node["ID"] in kept]
            return [(node_id, node_id) for node_id in [*takers, *paused]]
        count = (mode.get("Replicated") or {}).get("Replicas", 1)
        if "ReplicatedJob" in mode:
            count = mode["ReplicatedJob"].get("TotalCompletions", 1)
        return [(slot, takers[slot % len(takers)] if takers else "") for slot in range(1, count + 1)]

    def _fill_slot(self, service: dict[str, Any], slot: Any, node_id: str, tasks: list[dict[str, Any]]) -> None:
        iteration = (service.get("JobStatus") or {}).get("JobIteration", {"Index": 0})
        current = [task for task in tasks if task["JobIteration"] == iteration]
        job = "Job" in next(iter(service["Spec"]["Mode"]))
        if job and any(task["Status"]["State"] == "complete" for task in current):
            return
        good = [task for task in current if _alive(task) and self._is_kept(service, task)]
        for task in tasks:
            if task not in good and (task["Status"]["State"] != "running" or any(map(_runs, good)) or not node_id):
                task["DesiredState"] = "shutdown"
        if not good and not self._gave_up(service, current):
            self._start_task(service, slot, node_id, iteration)

    def _is_kept(self, service: dict[str, Any], task: dict[str, Any]) -> bool:
        node = self._swarm.nodes.get(task["NodeID"])
        if not task["NodeID"]:
            return False
        lives = node is not None and node["Status"]["State"] == "ready" and node["Spec"]["Availability"] != "drain"
        wanted, has = _template(service), dict(task["Spec"])
        wanted.pop("Placement", None)
        has.pop("Placement", None)
        return bool(lives and wanted == has and _fits(service, self._swarm.describe(task["NodeID"])))

    def _gave_up(self, service: dict[str, Any], tasks: list[dict[str, Any]]) -> bool:
        template = _template(service)
        policy = template.get("RestartPolicy") or {}
        same = [task for task in tasks if task["Spec"] == template]
        failed = [task for task in same if task["Status"]["State"] in ("failed", "rejected")]
        if failed and policy.get("Condition") == "none":
            return True
        return len(failed) > (policy.get("MaxAttempts") or 8)

    def _start_task(self, service: dict[str, Any], slot: Any, node_id: str, iteration: Any) -> None:
        waiting = [task for task in self.tasks.values() if task["ServiceID"] == service["ID"] and not task["NodeID"]]
        for task in waiting:
            del self.tasks[task["ID"]]
        task_id = self._swarm.machines.new_id("task")
        pending = {"State": "pending", "Err": "no suitable node (scheduling constraints not satisfied on 1 node)"}
        self.tasks[task_id] = {
            "ID": task_id,
            "ServiceID": service["ID"],
            "Name": f"{service['Spec']['Name']}.{slot}.{task_id}",
            "Slot": slot,
            "NodeID": node_id,
            "Spec": _template(service),
            "JobIteration": iteration,
            "DesiredState": "complete" if "Job" in next(iter(service["Spec"]["Mode"])) else "running",
            "Status": {"State": "preparing"} if node_id else pending,
            "UpdatedAt": task_id,
        }


def _template(service: dict[str, Any]) -> dict[str, Any]:
    """Gives the template as a task reports it: without the runtime, which is told of services only."""
    return {key: copy.deepcopy(value) for key, value in service["Spec"]["TaskTemplate"].items() if key != "Runtime"}


def _start(task: dict[str, Any], fault: str) -> dict[str, Any]:
    image, now = task["Spec"]["ContainerSpec"]["Image"], virtual_time.tell_time()
    if "broken" in image or fault == "broken":
        return {"State": "failed", "Err": "task: non-zero exit (1)", "Timestamp": now}
    if "missing" in image:
        return {"State": "rejected", "Err": f"No such image: {image}", "Timestamp": now}
    return {"State": "complete" if task["DesiredState"] == "complete" else "running", "Timestamp": now}


def _alive(task: dict[str, Any]) -> bool:
    return task["Status"]["State"] not in _ENDED and task["DesiredState"] not in ("shutdown", "remove")


def _runs(task: dict[str, Any]) -> bool:
    return bool(task["Status"]["State"] == "running")


def _fits(service: dict[str, Any], node: dict[str, Any]) -> bool:
    constraints = (service["Spec"]["TaskTemplate"].get("Placement") or {}).get("Constraints") or []
    return all(placement.satisfies(node, constraint) for constraint in constraints)


def _matches(task: dict[str, Any], filters: Mapping[str, list[str]]) -> bool:
    facts = {"service": task["ServiceID"], "node": task["NodeID"], "desired-state": task["DesiredState"]}
    names = filters.get("name")
    named = names is None or any(task["Name"].startswith(name) for name in names)
    return named and all(facts[key] in values for key, values in filters.items() if key in facts)


def _name(one: Mapping[str, Any]) -> str:
    return str(one["Name"] if "Name" in one else one["Spec"]["Name"])


def _fill_network(body: dict[str, Any]) -> dict[str, Any]:
    """Adds what the engine reports of a network beyond what was asked for."""
    filled: dict[str, Any] = {
        "Driver": "overlay",
        "Scope": "swarm",
        "Internal": False,
        "Attachable": False,
        "Labels": None,
    } | body
    filled.pop("CheckDuplicate", None)
    ipam = body.get("IPAM") or {}
    config = ipam.get("Config") or [{"Subnet": "10.0.1.0/24"}]
    filled["IPAM"] = {"Driver": "default", "Options": None} | ipam
    filled["IPAM"]["Config"] = [{"Gateway": "10.0.1.1", **one} for one in config]
    filled["Options"] = {**(body.get("Options") or {}), "com.docker.network.driver.overlay.vxlanid_list": "4097"}
    return filled


def _fill_spec(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """Adds what the engine fills into a spec by itself."""
    if kind != "services":
        return {key: value for key, value in body.items() if key != "Data" or kind != "secrets"}
    filled = copy.deepcopy(body)
    filled.setdefault("Labels", {})
    filled.setdefault("Mode", {"Replicated": {"Replicas": 1}})
    filled.setdefault("EndpointSpec", {"Mode": "vip"})
    template = filled["TaskTemplate"]
    template.setdefault("ForceUpdate", 0)
    template.setdefault("Runtime", "container")
    template.setdefault("Resources", {"Limits": {}, "Reservations": {}})
    template["ContainerSpec"].setdefault("Isolation", "default")
    return filled

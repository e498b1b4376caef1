"""Machines and a Docker swarm in memory, behaving as the engine does (moby 20.10) where the provider can tell.

`Machines` is the `Hosts` of a test. Every request and command lets the swarm take one step: nodes that died are
noticed, leaders are elected, roles become true, tasks start and stop. `interrupt_at` cuts a run off at its n-th change.
"""

import asyncio
import dataclasses
import itertools
import json
from collections.abc import Mapping
from typing import Any

from providers.swarm.hosts import EngineError, HostUnreachable
from tests.doubles import memory_services, virtual_time

LEAVING = "/run/azure-swarm/leaving"
_NOTICE_STEPS = 6
_ELECTION_STEPS = 3


@dataclasses.dataclass
class Machine:
    """A host: its engine's own idea of its membership, and its files."""

    name: str
    address: str
    up: bool = True
    state: str = "inactive"
    node_id: str = ""
    swarm: "Swarm | None" = None
    journal: str = ""
    leaving_since: float | None = None
    cloud_init: str = '{"status": "done", "errors": []}'
    booted_at: float = 0
    docker_group_at_login: bool = True


class Swarm:
    """The swarm's own state; `machines` tells who still answers."""

    def __init__(self, machines: "Machines") -> None:
        self.id = machines.new_id("swarm")
        self.machines = machines
        self.nodes: dict[str, dict[str, Any]] = {}
        self.leader = ""
        self.election = 0
        self.tokens = {"Manager": machines.new_id("SWMTKN-m"), "Worker": machines.new_id("SWMTKN-w")}
        self.spec: dict[str, Any] = {"EncryptionConfig": {}, "Orchestration": {"TaskHistoryRetentionLimit": 5}}
        self.version = 10
        self.objects = memory_services.Objects(self)

    def add(self, machine: Machine, role: str, availability: str) -> None:
        """Lists a machine as a node."""
        node_id = self.machines.new_id("node")
        machine.state, machine.node_id, machine.swarm = "active", node_id, self
        self.nodes[node_id] = {
            "ID": node_id,
            "Version": {"Index": self.next_version()},
            "Spec": {"Role": role, "Availability": availability, "Labels": {}},
            "Description": {"Hostname": machine.name, "Platform": {"OS": "linux", "Architecture": "x86_64"}},
            "Status": {"State": "ready", "Addr": machine.address},
            "silence": 0,
            "consensus": role == "manager",
        }

    def next_version(self) -> int:
        """Counts a change."""
        self.version += 1
        return self.version

    def machine_of(self, node_id: str) -> Machine | None:
        """Finds the machine that lives behind an entry."""
        living = (one for one in self.machines.all.values() if one.up and one.node_id)
        return next((one for one in living if one.node_id == node_id), None)

    def managers(self) -> list[str]:
        """Lists the members of the consensus."""
        return [node_id for node_id, node in self.nodes.items() if node["consensus"]]

    def has_leader(self) -> bool:
        """Tells whether the managers are a majority and have elected."""
        living = [node_id for node_id in self.managers() if self.machine_of(node_id)]
        return self.election == 0 and len(living) > len(self.managers()) // 2

    def step(self) -> None:
        """Lets time pass."""
        for node_id, node in self.nodes.items():
            machine = self.machine_of(node_id)
            node["silence"] = 0 if machine else node["silence"] + 1
            if machine or node["silence"] > _NOTICE_STEPS:
                node["Status"]["State"] = "ready" if machine else "down"
        self._elect()
        for node in self.nodes.values():
            if self.has_leader():
                node["consensus"] = node["Spec"]["Role"] == "manager"
        self.objects.step()

    def _elect(self) -> None:
        if self.election > 0:
            self.election -= 1
        living = [node_id for node_id in self.managers() if self.machine_of(node_id)]
        if self.leader not in living:
            self.election = _ELECTION_STEPS if self.leader else 0
            self.leader = living[0] if living else ""

    def describe(self, node_id: str) -> dict[str, Any]:
        """Gives a node as the API does."""
        node = {key: value for key, value in self.nodes[node_id].items() if key not in ("silence", "consensus")}
        machine = self.machine_of(node_id)
        if self.nodes[node_id]["consensus"]:
            address = f"{self.nodes[node_id]['Status']['Addr']}:2377"
            node["ManagerStatus"] = {
                "Leader": node_id == self.leader and self.election == 0,
                "Reachability": "reachable" if machine else "unreachable",
                "Addr": address,
            }
        copied: dict[str, Any] = json.loads(json.dumps(node))
        return copied


class Machines:
    """`Hosts` in memory."""

    def __init__(self, *names: str, first_id: int = 1) -> None:
        self._ids = itertools.count(first_id)
        self.all: dict[str, Machine] = {}
        self.changes: list[str] = []
        self.times: list[float] = []
        self.interrupt_at: int | None = None
        self.interrupt_before = False
        # Requests that are carried out and whose answer is lost on its way, once each.
        self.lost_answers: list[str] = []
        self.swarms: list[Swarm] = []
        for name in names:
            self.boot(name)

    def new_id(self, kind: str) -> str:
        """Makes an id that is not used yet."""
        return f"{kind}-{next(self._ids):04}"

    def boot(self, name: str) -> Machine:
        """Starts a new machine, in place of one of the same name that died."""
        self.all[name] = Machine(name, f"10.0.0.{len(self.all) + 10}")
        return self.all[name]

    def kill(self, name: str) -> None:
        """Stops a machine for good."""
        self.all[name].up = False

    @property
    def swarm(self) -> Swarm:
        """The one swarm."""
        (found,) = self.swarms
        return found

    def changed(self, what: str) -> "_Change":
        """Guards a change, so that a test can cut the run off before or after it."""
        self.changes.append(what)
        self.times.append(asyncio.get_running_loop().time())
        return _Change(self, len(self.changes) == self.interrupt_at)

    async def engine(self, host: str) -> "Engine":
        """Gives the engine of a machine."""
        return Engine(self, self._reach(host))

    async def disconnect(self, host: str) -> None:
        """Logs in anew."""
        self.all[host].docker_group_at_login = True

    async def run(self, host: str, command: str, *, seconds: float = 60) -> str:
        """Runs what the provider runs."""
        machine, now = self._reach(host), asyncio.get_running_loop().time()
        self.step()
        if "touch" in command:
            with self.changed("stop traffic"):
                machine.leaving_since = now if machine.leaving_since is None else machine.leaving_since
            return f"{machine.leaving_since:.0f}\n"
        if "rm -f" in command:
            with self.changed("resume traffic"):
                machine.leaving_since = None
            return ""
        if "journalctl" in command:
            return machine.journal
        if "sha256sum" in command:
            return self.swarm.objects.hash_secret(command)
        answers = {
            "date +%s": f"{now:.0f}\n",
            'echo "$SSH_CONNECTION"': f"10.0.0.1 50000 {machine.address} 22\n",
            "true": "",
        }
        return answers.get(command, machine.cloud_init)

    def _reach(self, host: str) -> Machine:
        machine = self.all.get(host)
        if machine is None or not machine.up or asyncio.get_running_loop().time() < machine.booted_at:
            raise HostUnreachable(f"Host '{host}' cannot be reached over SSH: no answer.")
        return machine

    def step(self) -> None:
        """Lets time pass in every swarm."""
        for swarm in self.swarms:
            swarm.step()


class _Change:
    """Interrupts before or after the change that it guards."""

    def __init__(self, machines: Machines, interrupts: bool) -> None:
        self._before = interrupts and machines.interrupt_before
        self._after = interrupts and not machines.interrupt_before

    def __enter__(self) -> None:
        if self._before:
            raise asyncio.CancelledError

    def __exit__(self, kind: object, _error: object, _trace: object) -> None:
        if self._after and kind is None:
            raise asyncio.CancelledError


class Engine:
    """`Engine` of one machine."""

    def __init__(self, machines: Machines, machine: Machine) -> None:
        self._machines = machines
        self._machine = machine

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        registry_auth: Mapping[str, str] | None = None,
    ) -> Any:
        """Answers as the Engine API does."""
        await asyncio.sleep(0)
        self._machines.step()
        if not self._machine.up or not self._machine.docker_group_at_login:
            raise HostUnreachable(f"The engine of host '{self._machine.name}' does not answer: no access.")
        if method == "GET":
            return self._answer(method, path, query or {}, body, registry_auth)
        with self._machines.changed(f"{method} {path}"):
            answer = self._answer(method, path, query or {}, json.loads(json.dumps(body)), registry_auth)
        if path in self._machines.lost_answers:
            self._machines.lost_answers.remove(path)
            raise HostUnreachable(f"The engine of host '{self._machine.name}' does not answer: connection lost.")
        return answer

    async def fetch(self, path: str, *, query: Mapping[str, str] | None = None) -> bytes:
        """Answers with the log of a task."""
        await asyncio.sleep(0)
        return self._leading_swarm().objects.read_log(path.split("/")[2])

    def _answer(self, method: str, path: str, query: Mapping[str, str], body: Any, auth: Any) -> Any:
        if path == "/info":
            return self._info()
        if path in ("/swarm/init", "/swarm/join", "/swarm/leave"):
            return {"/swarm/init": self._init, "/swarm/join": self._join, "/swarm/leave": self._leave}[path](
                query, body
            )
        swarm = self._leading_swarm()
        if path == "/swarm":
            return {"ID": swarm.id, "Version": {"Index": swarm.version}, "Spec": swarm.spec, "JoinTokens": swarm.tokens}
        if path == "/swarm/update":
            return self._update_swarm(swarm, query, body)
        if path.startswith("/nodes"):
            return self._nodes(swarm, method, path, query, body)
        return swarm.objects.answer(method, path, query, body, auth)

    def _leading_swarm(self) -> Swarm:
        machine = self._machine
        if machine.swarm is None or machine.node_id not in machine.swarm.managers():
            raise EngineError(503, "This node is not a swarm manager. Worker nodes can't view or modify cluster state.")
        if machine.swarm.election > 1:
            raise EngineError(503, "rpc error: code = Unavailable desc = transport is closing")
        if not machine.swarm.has_leader():
            raise EngineError(503, "rpc error: code = Unknown desc = The swarm does not have a leader.")
        return machine.swarm

    def _info(self) -> dict[str, Any]:
        machine = self._machine
        info: dict[str, Any] = {"NodeID": machine.node_id, "LocalNodeState": machine.state}
        if machine.swarm is not None:
            if machine.node_id in machine.swarm.managers():
                # Without a leader the engine knows no id (seen on 20.10).
                info["Cluster"] = {"ID": machine.swarm.id if machine.swarm.has_leader() else ""}
                info |= {"ControlAvailable": True, "NodeAddr": machine.address}
            nodes = machine.swarm.nodes
            info["RemoteManagers"] = [
                {"NodeID": one, "Addr": f"{nodes[one]['Status']['Addr']}:2377"} for one in machine.swarm.managers()
            ]
        facts = {"ServerVersion": "20.10.24", "NCPU": 2, "MemTotal": 4 * 2**30, "SystemTime": virtual_time.tell_time()}
        facts["DockerRootDir"] = "/var/lib/docker"
        return {"Swarm": info, **facts}

    def _init(self, _query: Mapping[str, str], _body: Any) -> str:
        if self._machine.state != "inactive":
            raise EngineError(503, 'This node is already part of a swarm. Use "docker swarm leave" to leave this.')
        swarm = Swarm(self._machines)
        self._machines.swarms.append(swarm)
        swarm.add(self._machine, "manager", "active")
        swarm.leader = self._machine.node_id
        return self._machine.node_id

    def _join(self, _query: Mapping[str, str], body: Any) -> None:
        if self._machine.state != "inactive":
            raise EngineError(503, 'This node is already part of a swarm. Use "docker swarm leave" to leave this.')
        for swarm in self._machines.swarms:
            for role in ("Manager", "Worker"):
                if body["JoinToken"] == swarm.tokens[role] and swarm.has_leader():
                    swarm.add(self._machine, role.lower(), body["Availability"])
                    return
        raise EngineError(400, "rpc error: code = InvalidArgument desc = A valid join token is necessary to join.")

    def _leave(self, query: Mapping[str, str], _body: Any) -> None:
        machine, swarm = self._machine, self._machine.swarm
        if machine.state == "pending":
            machine.state = "inactive"
            return
        if swarm is None:
            raise EngineError(503, "This node is not part of a swarm")
        if machine.node_id in swarm.managers() and query.get("force") != "true":
            raise EngineError(
                503, "You are attempting to leave the swarm on a node that is participating as a manager."
            )
        node = swarm.nodes.get(machine.node_id)
        if node is not None:
            node["silence"] = _NOTICE_STEPS - 2
        if swarm.managers() == [machine.node_id]:
            self._machines.swarms.remove(swarm)
        machine.state, machine.node_id, machine.swarm = "inactive", "", None

    def _update_swarm(self, swarm: Swarm, query: Mapping[str, str], body: Any) -> None:
        check_version(query, swarm.version)
        swarm.spec = body
        swarm.next_version()
        for role in ("Manager", "Worker"):
            if query.get(f"rotate{role}Token") == "true":
                swarm.tokens[role] = self._machines.new_id("SWMTKN")

    def _nodes(self, swarm: Swarm, method: str, path: str, query: Mapping[str, str], body: Any) -> Any:
        words = path.strip("/").split("/")
        if len(words) == 1:
            return [swarm.describe(node_id) for node_id in swarm.nodes]
        if words[1] not in swarm.nodes:
            raise EngineError(404, f"node {words[1]} not found")
        if method == "DELETE":
            return self._remove_node(swarm, words[1], force=query.get("force") == "true")
        if method == "GET":
            return swarm.describe(words[1])
        return self._update_node(swarm, words[1], query, body)

    def _remove_node(self, swarm: Swarm, node_id: str, *, force: bool) -> None:
        node = swarm.nodes[node_id]
        if node["consensus"]:
            raise EngineError(400, f"node {node_id} is a cluster manager and is a member of the raft cluster.")
        if node["Status"]["State"] == "ready" and not force:
            raise EngineError(400, f"node {node_id} is not down and can't be removed")
        del swarm.nodes[node_id]

    def _update_node(self, swarm: Swarm, node_id: str, query: Mapping[str, str], body: Any) -> None:
        node = swarm.nodes[node_id]
        check_version(query, node["Version"]["Index"])
        last = body["Role"] == "worker" and swarm.managers() == [node_id]
        if last:
            raise EngineError(400, "attempting to demote the last manager of the swarm")
        node["Spec"] = body
        node["Version"]["Index"] = swarm.next_version()


def check_version(query: Mapping[str, str], version: int) -> None:
    """Refuses a write that does not know the present version."""
    if query["version"] != str(version):
        raise EngineError(500, "rpc error: code = Unknown desc = update out of sequence")

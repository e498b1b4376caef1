"""What `status` and `doctor` know: what the state says, what the hosts say, what the managers say. Plain values.

Everything that is of Docker is in the Engine API's own words (https://docs.docker.com/engine/api/v1.41/).
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["Answer", "Commands", "Facts", "Host", "Plain", "Recorded", "Report", "Swarm", "count"]

Plain = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Answer:
    """What an address said: its status, or how long it took to be let in, or why there was no answer."""

    text: str
    succeeded: bool


@dataclasses.dataclass(frozen=True)
class Recorded:
    """What the state says: the inputs of memberships by host name, the specs of services by name."""

    nodes: Mapping[str, Plain] = dataclasses.field(default_factory=dict)
    services: Mapping[str, Plain] = dataclasses.field(default_factory=dict)

    @property
    def managers(self) -> list[str]:
        """Lists the hosts that are to be managers."""
        return [host for host, node in self.nodes.items() if node.get("role") == "manager"]


@dataclasses.dataclass(frozen=True)
class Report:
    """What a host says of itself. Times are seconds since 1970; `ahead` compares its clock with this machine's.

    `ports` maps published ports to the words of the readiness responder, `disks` paths to the used share,
    `ends` certificates to the time when they end, `leaving_since` is 0 where the host is not leaving, `restart` is
    "wanted", "cut off" or empty.
    """

    ahead: float = 0
    uncertain: float = 0
    leaving_since: float = 0
    restart: str = ""
    ports: Mapping[str, str] = dataclasses.field(default_factory=dict)
    disks: Mapping[str, float] = dataclasses.field(default_factory=dict)
    ends: Mapping[str, float] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Host:
    """A host by name: what its engine says (`GET /info`), or why it says nothing; a report where one was asked for."""

    name: str
    info: Plain = dataclasses.field(default_factory=dict)
    trouble: str = ""
    report: Report | None = None

    @property
    def membership(self) -> Plain:
        """Gives the part of its engine's answer that is about the swarm."""
        return self.info.get("Swarm") or {}


@dataclasses.dataclass(frozen=True)
class Swarm:
    """What a manager says."""

    speaker: str
    nodes: Sequence[Plain] = ()
    services: Sequence[Plain] = ()
    tasks: Sequence[Plain] = ()

    def find_node(self, node_id: str) -> Plain | None:
        """Finds a node by id."""
        return next((node for node in self.nodes if node["ID"] == node_id), None)

    def name_node(self, node_id: str) -> str:
        """Gives a node's host name; its id where it is not listed."""
        node = self.find_node(node_id) or {}
        return str((node.get("Description") or {}).get("Hostname") or node_id)


@dataclasses.dataclass(frozen=True)
class Commands:
    """Spells the commands of the Makefile for one stack."""

    stack: str
    cloud: str

    def make(self, target: str, **variables: str) -> str:
        """Spells a target; what is the default is left out."""
        defaults = {"STACK": "dev", "CLOUD": "sandbox"}
        given = {"STACK": self.stack, "CLOUD": self.cloud}
        rest = {key: value for key, value in given.items() if value != defaults[key]}
        words = [f"{key}={_quote(value)}" for key, value in {**variables, **rest}.items()]
        return " ".join(["make", target, *words])

    def on(self, host: str, command: str) -> str:
        """Spells a command on a host."""
        return self.make("on", HOST=host, RUN=command)


@dataclasses.dataclass(frozen=True)
class Facts:
    """All that was observed at one moment; `swarm` is None when no manager speaks, `trouble` says why.

    `logs` holds the last lines of tasks by id, `refused_logins` what registries said by server. `jump` is the jump
    host's address, `missing` are the nodes that the outputs name and the state does not know, `files` the compose
    files by stack.
    """

    commands: Commands
    recorded: Recorded
    hosts: Sequence[Host] = ()
    swarm: Swarm | None = None
    trouble: str = ""
    urls: Mapping[str, str] = dataclasses.field(default_factory=dict)
    answers: Mapping[str, Answer] = dataclasses.field(default_factory=dict)
    logs: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)
    refused_logins: Mapping[str, str] = dataclasses.field(default_factory=dict)
    jump: str = ""
    missing: Sequence[str] = ()
    files: Mapping[str, str] = dataclasses.field(default_factory=dict)
    now: float = 0

    @property
    def reaches_nobody(self) -> bool:
        """Tells that the way in is more likely shut than every machine gone."""
        return bool(self.hosts) and all(host.trouble and host.report is None for host in self.hosts)

    def find_host(self, name: str) -> Host | None:
        """Finds a host by name."""
        return next((host for host in self.hosts if host.name == name), None)


def count(number: int, noun: str) -> str:
    """Words a number of things."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _quote(value: str) -> str:
    # Make takes `$` for itself; a shell that reads single quotes takes everything else as it is.
    doubled = value.replace("$", "$$")
    plain = all(letter.isalnum() or letter in "-_./" for letter in doubled)
    return doubled if plain else "'" + doubled.replace("'", "'\\''") + "'"

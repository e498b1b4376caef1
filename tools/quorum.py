"""How many managers a swarm may lose. Pure.

https://docs.docker.com/engine/swarm/admin_guide/#maintain-the-quorum-of-managers
"""

import dataclasses
from collections.abc import Sequence

from providers.swarm import host_names
from tools import facts

__all__ = ["Quorum", "read"]


@dataclasses.dataclass(frozen=True)
class Quorum:
    """The managers as they list themselves; `leader` is empty while none is elected."""

    managers: int
    reachable: int
    leader: str

    @property
    def spare(self) -> int:
        """Gives how many more may be lost before nothing can be changed any more."""
        return self.reachable - (self.managers // 2 + 1)

    def __str__(self) -> str:
        led = f"leader {self.leader}" if self.leader else "no leader"
        return f"{facts.count(self.managers, 'manager')}, {self.reachable} reachable, {led}; {self.spare} may be lost"


def read(nodes: Sequence[facts.Plain]) -> Quorum:
    """Reads the nodes (Engine API: Node)."""
    managers = [node for node in nodes if node["Spec"]["Role"] == "manager"]
    states = [node.get("ManagerStatus") or {} for node in managers]
    leaders = [
        host_names.read_hostname(node) or str(node["ID"])
        for node in managers
        if (node.get("ManagerStatus") or {}).get("Leader")
    ]
    return Quorum(
        len(managers), sum(state.get("Reachability") == "reachable" for state in states), next(iter(leaders), "")
    )

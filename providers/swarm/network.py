"""Network: a swarm-scoped network.

The engine changes no network in place, and services stay attached to the one they have. A network with other options
is therefore made beside the old one and under another name, its services move, and the old one goes last: the name
that the file gives, or that name with a hash of the spec where the first is taken (docs/adr/0010-compose-objects.md).
"""

import hashlib
import ipaddress
import json
from collections.abc import Mapping
from typing import Any

from providers import kit
from providers.kit.resource import Plain
from providers.swarm import specs, waiting
from providers.swarm.cluster import GONE, Cluster, ClusterSource, NoManager, passes_or_raises
from providers.swarm.hosts import EngineError
from providers.swarm.objects import (
    LONGEST_NAME,
    Claims,
    check_name,
    create_or_find,
    find_all_by_name,
    refuse_foreign,
    request_or_none,
    sweep,
    take_first,
)

_DELETE_SECONDS = 60
_IN_USE = "in use"
_HASH_DIGITS = 10
_VXLAN = "vxlanid_list"


class Network(kit.ResourceType):
    """A swarm-scoped network."""

    token = "swarm:index:Network"
    description = "A network of the swarm."
    inputs = {
        "name": kit.Property("string", "The network's name.", required=True, replaces=True),
        "spec": kit.Property("object", "Engine API NetworkCreate without Name.", required=True, replaces=True),
    }
    outputs = {
        "networkId": kit.Property("string", "The network's id."),
        "objectName": kit.Property("string", "The name on the swarm: with a hash where the plain one was taken."),
    }

    def __init__(self, cluster: ClusterSource) -> None:
        self._cluster = cluster
        self._claims = Claims()

    def check(self, inputs: Plain, old_inputs: Plain) -> kit.Checked:
        """Refuses a name that no swarm takes, now or with the hash that a changed network gets."""
        checked = super().check(inputs, old_inputs)
        failures = check_name(checked.inputs.get("name"), LONGEST_NAME - _HASH_DIGITS - 1)
        return kit.Checked(checked.inputs, (*checked.failures, *failures))

    def diff(self, state: Plain, inputs: Plain) -> dict[str, kit.Change]:
        """Every difference replaces: the engine changes no network in place."""
        changes = kit.changed_paths(state.get("name"), inputs.get("name"), "name")
        changes |= specs.changed(state.get("spec"), inputs.get("spec"), "spec")
        replaced = {path: kit.Change(change.kind, replace=True) for path, change in changes.items()}
        return self._claims.note(state.get("networkId"), replaced)

    async def foresee_create(self, context: kit.Context, inputs: Plain) -> Plain:
        """Knows the id of a network that is there already; refuses what could not be made."""
        if kit.contains_unknown(inputs):
            return self.preview_create(inputs)
        self._cluster.plan(f"net:{inputs['name']}")
        found = await self._cluster.look(lambda cluster: self._find(cluster, inputs))
        return _outputs(found[0]) if found and found[0] else self.preview_create(inputs)

    async def create(self, context: kit.Context, inputs: Plain) -> kit.Created:
        """Makes the network, or adopts the one of this stack with the same options."""
        cluster = self._cluster.get()
        found, plain = await self._find(cluster, inputs)
        if found is None:
            name = name_by_spec(inputs) if plain else inputs["name"]
            body = {**inputs["spec"], "Name": name, "CheckDuplicate": True}
            made = await create_or_find(cluster, "/networks", body, lambda: take_first(self._find(cluster, inputs)))
            found = {"Name": name, **made}
        self._claims.hold(found["Id"])
        if plain is not None and plain["Id"] != found["Id"]:
            cluster.superseded.add(f"/networks/{plain['Id']}")
            await sweep(cluster, context.warn)
        return kit.Created(found["Id"], _outputs(found))

    async def _find(self, cluster: Cluster, inputs: Plain) -> tuple[Plain | None, Plain | None]:
        """Finds the network to adopt and the one of the plain name; makes sure that one can be made if need be."""
        name, spec = inputs["name"], inputs["spec"]
        listed = await find_all_by_name(cluster, "/networks", name)
        same = []
        for found in (listed[one] for one in (name, name_by_spec(inputs)) if one in listed):
            refuse_foreign("Network", found["Name"], found.get("Labels") or {}, spec.get("Labels") or {})
            same += [found] if _is_same(found, spec) else []
        if not same and _list_subnets(spec):
            _refuse_overlap(name, spec, await cluster.request("GET", "/networks") or [])
        return next(iter(same), None), listed.get(name)

    async def read(self, context: kit.Context, resource_id: str, state: Plain) -> kit.Observed | None:
        """Reports the network with what differs from the spec that made it."""
        found = await request_or_none(self._cluster, f"/networks/{resource_id}")
        if found is None:
            return None
        wanted = state.get("spec", {})
        known = found["Name"] == state.get("objectName", state.get("name"))
        # The engine adds keys of its own (subnets, vxlan ids) everywhere; only what was asked for is compared.
        inputs = {
            "name": state["name"] if known else found["Name"],
            "spec": specs.observe(wanted, _pick(wanted, found)),
        }
        return kit.Observed(resource_id, _outputs(found), inputs)

    async def update(self, context: kit.Context, resource_id: str, state: Plain, inputs: Plain) -> Plain:
        """Nothing changes in place."""
        return self.preview_update(state, inputs)

    async def delete(self, context: kit.Context, resource_id: str, state: Plain) -> None:
        """Removes the network as soon as no task is attached any more."""
        if resource_id in self._claims:
            return

        async def probe(waiter: waiting.Waiter) -> bool | None:
            try:
                await passes_or_raises(self._cluster.get().request("DELETE", f"/networks/{resource_id}"), GONE)
            except EngineError as error:
                # A task that is shutting down holds its network for a moment.
                if _IN_USE not in str(error):
                    raise
                waiter.seen = str(error)
                return None
            return True

        try:
            await waiting.wait_for(f"network '{state['name']}' to be free", probe, seconds=_DELETE_SECONDS)
        except NoManager:
            # It went with its swarm.
            return
        except waiting.DeadlineReached as error:
            raise kit.ResourceError(f"{error} Detach from it what does not belong to the stack.") from error


def name_by_spec(inputs: Plain) -> str:
    """Gives `<name>-<10 hex of sha256>`: the name of a network where the plain one is taken."""
    digest = hashlib.sha256(json.dumps(inputs["spec"], sort_keys=True).encode()).hexdigest()
    return f"{inputs['name']}-{digest[:_HASH_DIGITS]}"


def _outputs(found: Plain) -> Plain:
    return {"networkId": found["Id"], "objectName": found["Name"]}


def _is_same(found: Plain, spec: Plain) -> bool:
    """Tells whether a network is what the spec says; addresses that the spec leaves open are the engine's affair."""
    texts = ("Labels", "Options")
    if any(_texts(found, key) != _texts(spec, key) for key in texts):
        return False
    wanted = {key: value for key, value in spec.items() if key not in (*texts, "CheckDuplicate")}
    flags = {key: found.get(key) for key in ("Driver", "Internal", "Attachable", "Ingress", "EnableIPv6")}
    return not specs.find_drift(wanted, {**flags, **_pick(wanted, found)}, "")


def _texts(described: Plain, key: str) -> dict[str, str]:
    return {name: value for name, value in (described.get(key) or {}).items() if not name.endswith(_VXLAN)}


def _refuse_overlap(name: str, spec: Plain, networks: list[Plain]) -> None:
    """Refuses a subnet that is taken: the engine would take the network, and no task on it would ever start."""
    for wanted in _list_subnets(spec):
        for other in networks:
            if other.get("Scope") == "swarm" and any(_overlap(wanted, taken) for taken in _list_subnets(other)):
                raise kit.ResourceError(
                    f"Network '{name}' wants the subnet {wanted}, which network '{other['Name']}' has; the new one is "
                    "made before the old one goes, so choose another subnet."
                )


def _list_subnets(described: Mapping[str, Any]) -> list[str]:
    pools = (described.get("IPAM") or {}).get("Config") or []
    return [pool["Subnet"] for pool in pools if pool.get("Subnet")]


def _overlap(one: str, other: str) -> bool:
    first, second = ipaddress.ip_network(one, strict=False), ipaddress.ip_network(other, strict=False)
    return first.version == second.version and first.overlaps(second)


def _pick(wanted: Any, live: Any) -> Any:
    """Takes from a live value what the wanted one speaks of."""
    if isinstance(wanted, dict) and isinstance(live, dict):
        # A key that the engine does not report, such as CheckDuplicate, cannot have changed.
        return {key: _pick(value, live[key]) if key in live else value for key, value in wanted.items()}
    if isinstance(wanted, list) and isinstance(live, list) and len(wanted) == len(live):
        return [_pick(one, other) for one, other in zip(wanted, live, strict=True)]
    return wanted if live in (None, "", [], {}) and wanted in (None, "", [], {}) else live

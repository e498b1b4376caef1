"""A Docker swarm over hosts: the provider that reaches them, the swarm, and one membership per host."""

from collections.abc import Mapping, Sequence
from typing import Literal, NotRequired, TypedDict

import pulumi

from components import access, checks, errors, inputs
from providers.swarm import sdk

Labels = Mapping[str, pulumi.Input[str]]
Member = dict[str, pulumi.Input[str]]


class SwarmClusterArgs(TypedDict):
    """What a `SwarmCluster` takes."""

    managers: Sequence[access.Host]
    """1, 3, 5 or 7 hosts; the first one is where a new swarm begins."""
    workers: NotRequired[Sequence[access.Host]]
    """The other hosts; default none."""
    drain_seconds: NotRequired[int]
    """How long a load balancer may still send to a host after its "no"; default 0, no load balancer."""
    max_unavailable: NotRequired[int]
    """How many workers may be leaving at the same time, at least 1; default 4. Each waits besides until one that
    stays can take over from it. It touches no membership."""
    labels: NotRequired[Mapping[str, Labels]]
    """Node labels by host name, for placement constraints (`node.labels.storage == true`); default none. A change
    touches the membership only, never the host."""
    drained: NotRequired[Sequence[str]]
    """Names of hosts that take no tasks, such as one that is worked on; default none. What runs there moves first."""


class SwarmCluster(pulumi.ComponentResource):
    """The swarm. Managers join and leave one at a time; workers join in parallel, and leave so as far as allowed.

    `members` lists name, role, privateIp and zone of every host; all but the address are known in previews.
    """

    provider: sdk.Provider
    swarm: sdk.Swarm
    nodes: list[sdk.SwarmNode]
    goes_with: pulumi.Resource | None
    members: list[Member]

    def __init__(self, name: str, args: SwarmClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(name, args)
        managers, workers = list(args["managers"]), list(args.get("workers", ()))
        facts = {"managers": len(managers), "workers": len(workers)}
        super().__init__("azure-swarm:components:SwarmCluster", name, facts, opts)
        manager_names = [host.host_name for host in managers]
        self.goes_with = _find_common_end((*managers, *workers))
        self.provider = create_provider(
            self, name, managers[0].access, manager_names, max_unavailable=args.get("max_unavailable")
        )
        self._drain_seconds, self._labels = args.get("drain_seconds", 0), args.get("labels", {})
        self._drained = args.get("drained", ())
        ready = {host.host_name: self._create_ready(host) for host in (*managers, *workers)}
        self.swarm = sdk.Swarm(
            name, {"managers": manager_names}, self._options([ready[host] for host in manager_names])
        )
        self.nodes = self._create_managers(managers, ready)
        self.nodes += [
            self._create_node(host, "worker", [ready[host.host_name], self.swarm, self.nodes[0]]) for host in workers
        ]
        roles = ["manager"] * len(managers) + ["worker"] * len(workers)
        self.members = [describe_member(host, role) for host, role in zip((*managers, *workers), roles, strict=True)]
        self.register_outputs({"swarmId": self.swarm.swarm_id})

    def _options(self, depends_on: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(
            parent=self, provider=self.provider, depends_on=list(depends_on), deleted_with=self.goes_with
        )

    def _create_ready(self, host: access.Host) -> sdk.HostReady:
        return sdk.HostReady(f"{host.host_name}-ready", {"host": host.host_name}, self._options(host.machine))

    def _create_managers(self, managers: Sequence[access.Host], ready: dict[str, sdk.HostReady]) -> list[sdk.SwarmNode]:
        # A chain: quorum bears one change at a time, and deletes run backwards along it.
        nodes: list[sdk.SwarmNode] = []
        for host in managers:
            nodes.append(self._create_node(host, "manager", [ready[host.host_name], self.swarm, *nodes[-1:]]))
        return nodes

    def _create_node(self, host: access.Host, role: str, depends_on: Sequence[pulumi.Resource]) -> sdk.SwarmNode:
        args: sdk.SwarmNodeArgs = {"host": host.host_name, "role": role, "drain_seconds": self._drain_seconds}
        if host.host_name in self._labels:
            args["labels"] = dict(self._labels[host.host_name])
        if host.host_name in self._drained:
            args["availability"] = "drain"
        return sdk.SwarmNode(host.host_name, args, self._options(depends_on))


def _check(name: str, args: SwarmClusterArgs) -> None:
    who = f"SwarmCluster '{name}'"
    inputs.check_keys(who, args, SwarmClusterArgs)
    managers, workers = _check_hosts(who, "managers", args), _check_hosts(who, "workers", args)
    count = checks.expected_manager_count(len(managers))
    if count is not None:
        raise errors.InputError(
            who, "managers", f"{count} hosts, since an even number bears no more losses", len(managers)
        )
    hosts = [*managers, *workers]
    _check_together(who, hosts)
    _check_labels(who, args.get("labels", {}), [host.host_name for host in hosts])
    _check_drained(who, args.get("drained", ()), [host.host_name for host in hosts])
    seconds = args.get("drain_seconds", 0)
    inputs.refuse(who, "drain_seconds", seconds, checks.expected_seconds(seconds))
    if "max_unavailable" in args:
        most = args["max_unavailable"]
        inputs.refuse(who, "max_unavailable", most, checks.expected_max_unavailable(most))


def _check_hosts(who: str, field: Literal["managers", "workers"], args: SwarmClusterArgs) -> Sequence[access.Host]:
    hosts: Sequence[access.Host] = inputs.check_list(who, field, args.get(field, ()), "hosts")
    for host in hosts:
        expected = "a list of hosts, each a ContainerHost or an ExistingHost"
        inputs.refuse(who, field, host, None if isinstance(host, access.Host) else expected)
        inputs.refuse(who, f"{field}' host_name", host.host_name, checks.expected_dns_name(host.host_name))
    return hosts


def _check_together(who: str, hosts: Sequence[access.Host]) -> None:
    names = [host.host_name for host in hosts]
    twice = sorted({host for host in names if names.count(host) > 1})
    if twice:
        raise errors.InputError(who, "managers and workers", "every host once", twice)
    others = [host.host_name for host in hosts if host.access != hosts[0].access]
    if others:
        raise errors.InputError(who, "access", f"the same for every host as for {hosts[0].host_name!r}", others)


def _check_labels(who: str, labels: object, names: Sequence[str]) -> None:
    if not isinstance(labels, Mapping):
        raise errors.InputError(who, "labels", "a mapping of host names to labels", labels)
    for host, given in labels.items():
        inputs.refuse(who, "labels", host, None if host in names else f"by the names of the hosts {names}")
        inputs.check_kind(who, f"labels[{host!r}]", given, Mapping, "a mapping of labels to values")
        for label in given:
            inputs.refuse(who, f"labels[{host!r}]", label, checks.expected_label(label))


def _check_drained(who: str, drained: object, names: Sequence[str]) -> None:
    if isinstance(drained, str) or not isinstance(drained, Sequence):
        raise errors.InputError(who, "drained", "a list of the names of hosts", drained)
    for host in drained:
        inputs.refuse(who, "drained", host, None if host in names else f"names of the hosts {names}")


def create_provider(
    parent: pulumi.Resource,
    name: str,
    way: access.SshAccess,
    managers: Sequence[str],
    *,
    max_unavailable: int | None = None,
) -> sdk.Provider:
    """Creates the provider instance that knows how these hosts are reached, and how many may leave at once."""
    args: sdk.ProviderArgs = {
        "user": way.user,
        "operator_private_key": way.operator_private_key,
        "ca_public_key": way.ca_public_key,
        "managers": list(managers),
    }
    if max_unavailable is not None:
        args["max_unavailable"] = max_unavailable
    if way.jump_address is not None:
        args["jump_host"] = way.jump_address
    if way.jump_name is not None:
        args["jump_name"] = way.jump_name
    if way.proxy_command is not None:
        args["proxy_command"] = way.proxy_command
    return sdk.Provider(f"{name}-provider", args, pulumi.ResourceOptions(parent=parent))


def describe_member(host: access.Host, role: str) -> Member:
    """Describes a host as outputs list it."""
    return {"name": host.host_name, "role": role, "privateIp": host.private_ip, "zone": host.zone}


def _find_common_end(hosts: Sequence[access.Host]) -> pulumi.Resource | None:
    """Gives the resource that takes every host along when it is deleted: then nobody has to leave one by one.

    With one host that outlives it there is none, and every membership ends in order.
    """
    ends = [host.goes_with for host in hosts]
    return ends[0] if all(end is ends[0] for end in ends) else None

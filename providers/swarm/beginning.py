"""Whether a swarm begins, or the one that is there is adopted: a pure rule, with its cases beside the planner's."""

from collections.abc import Mapping

from providers.swarm.planner import HostView, LocalState, Refused


def must_begin_swarm(views: Mapping[str, HostView | None]) -> bool:
    """Decides between beginning a swarm and adopting the one that a manager is in.

    `views` holds every manager wanted or remembered. Never begins a second swarm beside one that may be alive.
    """
    active = {host: view for host, view in views.items() if view is not None and view.state is LocalState.ACTIVE}
    swarms = sorted({view.cluster_id for view in active.values() if view.cluster_id})
    if len(swarms) > 1:
        raise Refused(f"The managers are members of different swarms ({', '.join(swarms)}); take out what is foreign.")
    if swarms:
        return False
    if active:
        raise Refused(
            f"Host '{min(active)}' is a worker of a swarm whose managers are not known; "
            "take it out there with 'docker swarm leave' on the host, then run again."
        )
    _refuse_second_swarm(views)
    return True


def _refuse_second_swarm(views: Mapping[str, HostView | None]) -> None:
    silent = sorted(host for host, view in views.items() if view is None)
    if silent:
        raise Refused(
            f"No new swarm is begun while {', '.join(silent)} cannot be reached: a living swarm may be there; "
            "bring it back, or remove it from the state with 'pulumi state delete'."
        )
    known = {host: view for host, view in sorted(views.items()) if view is not None}
    locked = [host for host, view in known.items() if view.state is LocalState.LOCKED]
    if locked:
        raise Refused(f"Manager '{locked[0]}' is locked; unlock it with 'docker swarm unlock', then run again.")
    for host, view in known.items():
        if _remembers_swarm(view):
            raise Refused(
                f"No new swarm is begun while the engine of {host} remembers one ({view.state.value}): bring it back, "
                "or give it up there with 'docker swarm leave --force' on the host, then run again."
            )


def _remembers_swarm(view: HostView) -> bool:
    """Tells of an engine that fails to run its membership, or is on its way back into it.

    A join that was cut off before the managers gave an id is on its way, too, and never belonged. An engine that fails
    tells no id (moby, daemon/cluster/noderunner.go): it may have belonged.
    """
    return view.state is LocalState.ERROR or (view.state is LocalState.PENDING and view.node_id != "")

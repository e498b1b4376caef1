"""How a member's machine is restarted without a lost request: the steps before and after. Pure, as `planner.py` is."""

from collections.abc import Sequence

from providers.swarm import host_names, planner
from providers.swarm.planner import Action, Member, Refused, Role, Seen, Verb, WantedNode


def plan_restart(host: str, seen: Seen) -> list[Action]:
    """Plans what comes before a restart; a plan that was cut off is planned again.

    What is at several nodes leaves first, and what has its data here stops last: it is away for the shortest time.
    """
    member = _require_member(host, seen)
    if member.role is Role.MANAGER:
        _refuse_without_quorum(member, seen)
    return [
        Action(Verb.AWAIT_OTHERS, member.node_id),
        Action(Verb.STOP_TRAFFIC),
        Action(Verb.SET_AVAILABILITY, "pause"),
        Action(Verb.EVACUATE, member.node_id),
        Action(Verb.EVACUATE_GLOBAL, member.node_id),
        Action(Verb.SET_AVAILABILITY, "drain"),
        Action(Verb.AWAIT_DRAINED, member.node_id),
    ]


def plan_return(wanted: WantedNode, seen: Seen) -> list[Action]:
    """Plans what comes after a restart: the node takes tasks and connections again, and serves."""
    member = _require_member(wanted.host, seen)
    manager = member.role is Role.MANAGER
    return [
        Action(Verb.AWAIT_MEMBER),
        *([Action(Verb.AWAIT_QUORUM)] if manager else []),
        *_settle_traffic(wanted.availability),
        Action(Verb.SET_AVAILABILITY, wanted.availability),
        Action(Verb.RELEASE, member.node_id),
        Action(Verb.AWAIT_SERVING),
    ]


def _settle_traffic(availability: str) -> list[Action]:
    """The no of a drained host lies where a restart forgets it (/run), and is said anew."""
    if availability == "drain":
        return [Action(Verb.STOP_TRAFFIC)]
    return [Action(Verb.RESUME_TRAFFIC)] if availability == "active" else []


def order(hosts: list[str], seen: Seen) -> list[str]:
    """Orders hosts: workers, then managers, and the leader last, so that it is elected anew once at most."""
    return sorted(hosts, key=lambda host: (_rank(host, seen.members), host))


def _rank(host: str, members: Sequence[Member]) -> tuple[bool, bool]:
    mine = (one for one in members if host_names.names_host(one.hostname, host))
    return max(((one.role is Role.MANAGER, one.leader) for one in mine), default=(False, False))


def _require_member(host: str, seen: Seen) -> Member:
    view = seen.host
    member = next((one for one in seen.members if view is not None and one.node_id == view.node_id), None)
    if view is None or member is None or view.state is not planner.LocalState.ACTIVE:
        state = "cannot be reached" if view is None else f"is {view.state.value}"
        raise Refused(f"Host '{host}' must be a member of the swarm to be restarted in order; it {state}.")
    return member


def _refuse_without_quorum(member: Member, seen: Seen) -> None:
    missing = sorted(one.hostname for one in planner.list_managers(seen.members) if not one.reachable)
    if missing or not planner.has_quorum(seen.members, seen.wanted_managers):
        raise Refused(
            f"Manager '{member.hostname}' must not be restarted: {', '.join(missing) or 'a leader'} is missing; "
            "bring it back first."
        )

"""The rules of membership as pure functions: what was observed and what is wanted give a list of actions, or a refusal.

Nothing here touches a host; `membership.py` observes and acts. Every rule has a case in tests/unit/planner/*.yaml.
Source of the quorum rules: https://docs.docker.com/engine/swarm/admin_guide/.
"""

import dataclasses
import enum
from collections.abc import Mapping, Sequence

from providers import kit
from providers.swarm import host_names


class LocalState(enum.Enum):
    """What a host's own engine says of its membership (Engine API: Info.Swarm.LocalNodeState)."""

    INACTIVE = "inactive"
    PENDING = "pending"
    ACTIVE = "active"
    ERROR = "error"
    LOCKED = "locked"


class Role(enum.Enum):
    """The role of a node."""

    WORKER = "worker"
    MANAGER = "manager"


class Verb(enum.Enum):
    """One step of a change of membership."""

    JOIN = "join"
    LEAVE = "leave"
    LEAVE_BY_FORCE = "leave by force"
    AWAIT_QUORUM = "await quorum"
    AWAIT_MEMBER = "await member"
    AWAIT_GONE = "await gone"
    LABEL = "label"
    PROMOTE = "promote"
    DEMOTE = "demote"
    SET_AVAILABILITY = "set availability"
    AWAIT_OTHERS = "await others"
    AWAIT_SERVING = "await serving"
    STOP_TRAFFIC = "stop traffic"
    RESUME_TRAFFIC = "resume traffic"
    EVACUATE = "evacuate"
    EVACUATE_GLOBAL = "evacuate global services"
    RELEASE = "release services"
    AWAIT_DRAINED = "await drained"
    REMOVE = "remove"


class Refused(kit.ResourceError):
    """The change would break a rule; the text says which and what to do."""


@dataclasses.dataclass(frozen=True)
class Action:
    """A step and what it is about: a role, an availability, a node id."""

    verb: Verb
    about: str = ""

    def __str__(self) -> str:
        return f"{self.verb.value} {self.about}".rstrip()


@dataclasses.dataclass(frozen=True)
class Member:
    """A node as the managers list it. `reachable` speaks of managers only."""

    node_id: str
    hostname: str
    role: Role
    ready: bool
    availability: str
    labels: Mapping[str, str]
    reachable: bool = False
    leader: bool = False
    address: str = ""
    manager_address: str = ""


@dataclasses.dataclass(frozen=True)
class HostView:
    """A host as its own engine sees itself: managers know the id of their cluster, all know managers' addresses."""

    state: LocalState
    node_id: str = ""
    cluster_id: str = ""
    remote_managers: Sequence[str] = ()


@dataclasses.dataclass(frozen=True)
class Seen:
    """What was observed: the swarm's id and members, and the host itself (None: it cannot be reached).

    `wanted_managers` are the names of the managers that the program asks for.
    """

    cluster_id: str
    members: Sequence[Member]
    host: HostView | None
    wanted_managers: Sequence[str] = ()


@dataclasses.dataclass(frozen=True)
class WantedNode:
    """What a node is to be; `availability` is active, pause or drain."""

    host: str
    role: Role
    availability: str
    labels: Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class Turns:
    """The ids of the workers that are leaving in this run, and of those that wait to."""

    leaving: frozenset[str]
    waiting: frozenset[str]


def plan_join(wanted: WantedNode, seen: Seen) -> list[Action]:
    """Plans how a host becomes the wanted node: a stranger joins, a member is brought in line."""
    if seen.host is None:
        raise Refused(f"Host '{wanted.host}' cannot join: it cannot be reached.")
    _refuse_stranger(wanted.host, seen.host, seen)
    member = _find_by_id(seen.host.node_id, seen.members)
    if member is not None and seen.host.state is LocalState.ACTIVE:
        return _plan_change(wanted, member, seen)
    return [*_clear_host(seen.host), *_clear_ghosts(wanted, seen), *_enter(wanted)]


def _refuse_stranger(host: str, view: HostView, seen: Seen) -> None:
    if view.state is LocalState.LOCKED:
        raise Refused(f"Host '{host}' is locked; unlock it with 'docker swarm unlock' on the host, then run again.")
    if view.state is LocalState.ACTIVE and not _is_ours(view, seen):
        raise Refused(
            f"Host '{host}' is a member of another swarm; "
            "take it out there with 'docker swarm leave' on the host, then run again."
        )


def _is_ours(view: HostView, seen: Seen) -> bool:
    if view.cluster_id:
        return view.cluster_id == seen.cluster_id
    ours = {member.manager_address for member in list_managers(seen.members)}
    return _find_by_id(view.node_id, seen.members) is not None or bool(ours.intersection(view.remote_managers))


def list_managers(members: Sequence[Member]) -> list[Member]:
    """Lists the managers of the raft."""
    return [member for member in members if member.role is Role.MANAGER and not _is_left_out(member)]


def _is_left_out(member: Member) -> bool:
    """Tells of what is listed as a manager and is none of the raft: a recovery from a lost quorum leaves such entries.

    The engine refuses to demote them, and they count in no quorum.
    """
    return not member.ready and not member.manager_address


def _find_by_id(node_id: str, members: Sequence[Member]) -> Member | None:
    return next((member for member in members if member.node_id == node_id), None)


def _clear_host(view: HostView) -> list[Action]:
    """A join that was cut off, or a membership that the swarm has forgotten, is left before a new one begins."""
    return [] if view.state is LocalState.INACTIVE else [Action(Verb.LEAVE_BY_FORCE)]


def _clear_ghosts(wanted: WantedNode, seen: Seen) -> list[Action]:
    """Removes what machines left behind that died: entries of the same name, and managers before a new one joins."""
    actions: list[Action] = []
    for member in seen.members:
        ghost = host_names.names_host(member.hostname, wanted.host)
        if ghost or (wanted.role is Role.MANAGER and _is_superseded(member, seen.wanted_managers)):
            actions += _remove_dead(member, seen)
    return actions


def _is_superseded(member: Member, wanted_managers: Sequence[str]) -> bool:
    """Tells of a dead manager whose later generation is wanted: it would count in every quorum until its own turn."""
    dead = member.role is Role.MANAGER and not member.ready and not member.reachable
    successors = [host_names.strip_generation(name) for name in wanted_managers]
    unwanted = dead and not host_names.is_any(member.hostname, wanted_managers)
    return unwanted and host_names.is_any(host_names.strip_generation(member.hostname), successors)


def _remove_dead(member: Member, seen: Seen) -> list[Action]:
    """Waits first: an entry of a machine that lives is never removed from the other side."""
    gone, remove = Action(Verb.AWAIT_GONE, member.node_id), Action(Verb.REMOVE, member.node_id)
    if member.role is Role.WORKER or _is_left_out(member):
        return [gone, remove]
    _refuse_loss_of_quorum(member, seen.members)
    return [gone, Action(Verb.DEMOTE, member.node_id), remove]


def _enter(wanted: WantedNode) -> list[Action]:
    """Joins drained, so that no task starts on a node before its labels say which ones may."""
    manager = wanted.role is Role.MANAGER
    return [
        *([Action(Verb.AWAIT_QUORUM)] if manager else []),
        Action(Verb.JOIN, wanted.role.value),
        Action(Verb.AWAIT_MEMBER),
        *([Action(Verb.AWAIT_QUORUM)] if manager else []),
        Action(Verb.RESUME_TRAFFIC),
        *([Action(Verb.LABEL)] if wanted.labels else []),
        *([] if wanted.availability == "drain" else [Action(Verb.SET_AVAILABILITY, wanted.availability)]),
    ]


def _plan_change(wanted: WantedNode, member: Member, seen: Seen) -> list[Action]:
    """Plans what differs on a node that is a member already; a leave that was cut off is taken back."""
    actions: list[Action] = [] if member.ready else [Action(Verb.AWAIT_MEMBER)]
    if wanted.availability == "active":
        actions.append(Action(Verb.RESUME_TRAFFIC))
    if dict(member.labels) != dict(wanted.labels):
        actions.append(Action(Verb.LABEL))
    if member.role is not wanted.role:
        actions += _change_role(wanted.role, member, seen)
    if member.availability != wanted.availability:
        actions += _change_availability(wanted.availability, member)
    return actions


def _change_availability(availability: str, member: Member) -> list[Action]:
    """A node that is to be drained is emptied as one that leaves; its readiness stays at no until it is active."""
    if availability == "drain":
        return _empty(member)
    release = [Action(Verb.RELEASE, member.node_id)] if availability == "active" else []
    return [Action(Verb.SET_AVAILABILITY, availability), *release]


def _change_role(role: Role, member: Member, seen: Seen) -> list[Action]:
    if role is Role.MANAGER:
        return _with_quorum(Action(Verb.PROMOTE, member.node_id))
    if _is_last_manager(member, seen.members):
        raise Refused(f"Manager '{member.hostname}' must not become a worker: it is the last manager.")
    _refuse_loss_of_quorum(member, seen.members)
    return _with_quorum(Action(Verb.DEMOTE, member.node_id))


def _with_quorum(action: Action) -> list[Action]:
    return [Action(Verb.AWAIT_QUORUM), action, Action(Verb.AWAIT_QUORUM)]


def plan_leave(host: str, node_id: str, seen: Seen) -> list[Action]:
    """Plans how a node leaves without a lost request or a lost quorum; a dead one is removed from the other side."""
    member = _find_by_id(node_id, seen.members) or _find_by_name(host, seen.members)
    if member is None:
        return _forget(seen)
    if _is_last_manager(member, seen.members):
        _refuse_orphans(member, seen.members)
        return [Action(Verb.LEAVE_BY_FORCE)] if seen.host is not None else []
    return _leave_alive(member, seen) if _lives(member, seen.host) else _remove_dead(member, seen)


def _find_by_name(host: str, members: Sequence[Member]) -> Member | None:
    return next((member for member in members if host_names.names_host(member.hostname, host)), None)


def _forget(seen: Seen) -> list[Action]:
    """No manager lists the host; if it still believes in its membership of this swarm, it leaves by itself."""
    view = seen.host
    if view is None or view.state is LocalState.INACTIVE:
        return []
    foreign = view.state is LocalState.ACTIVE and not _is_ours(view, seen)
    return [] if foreign else [Action(Verb.LEAVE_BY_FORCE)]


def _is_last_manager(member: Member, members: Sequence[Member]) -> bool:
    return [one.node_id for one in list_managers(members)] == [member.node_id]


def _refuse_orphans(member: Member, members: Sequence[Member]) -> None:
    """Without a manager the others could neither be led nor leave in order."""
    rest = sorted(one.hostname for one in members if one.ready and one.node_id != member.node_id)
    if rest:
        raise Refused(
            f"Manager '{member.hostname}' must not leave: it is the last manager and {', '.join(rest)} would be left "
            "without one; take those out first."
        )


def _lives(member: Member, view: HostView | None) -> bool:
    """Tells whether the machine behind the entry is the one that answers: a new machine may bear an old one's name."""
    return view is not None and member.ready and view.state is LocalState.ACTIVE and view.node_id == member.node_id


def _empty(member: Member) -> list[Action]:
    """What stays must serve before this one stops; pauses before it evacuates: tasks of another leaving node must not
    come here.
    """
    return [
        Action(Verb.AWAIT_OTHERS, member.node_id),
        Action(Verb.STOP_TRAFFIC),
        Action(Verb.SET_AVAILABILITY, "pause"),
        Action(Verb.EVACUATE, member.node_id),
        Action(Verb.SET_AVAILABILITY, "drain"),
        Action(Verb.RELEASE, member.node_id),
        Action(Verb.AWAIT_DRAINED, member.node_id),
    ]


def _leave_alive(member: Member, seen: Seen) -> list[Action]:
    before = _empty(member)
    # Its own engine says that it left: there is no need to wait until the managers miss its heartbeats.
    after = [Action(Verb.LEAVE), Action(Verb.REMOVE, member.node_id)]
    if member.role is Role.WORKER:
        return [*before, *after]
    _refuse_loss_of_quorum(member, seen.members)
    return [*before, *_with_quorum(Action(Verb.DEMOTE, member.node_id)), *after]


def _refuse_loss_of_quorum(leaving: Member, members: Sequence[Member]) -> None:
    """The managers that remain must have a majority among themselves that can be reached."""
    rest = [one for one in list_managers(members) if one.node_id != leaving.node_id]
    reachable = sum(one.reachable for one in rest)
    needed = len(rest) // 2 + 1
    if reachable < needed:
        raise Refused(
            f"Manager '{leaving.hostname}' must not leave: of the {len(rest)} managers that would remain "
            f"{reachable} can be reached and quorum needs {needed}; bring the others back first."
        )


def may_begin_to_leave(node_id: str, members: Sequence[Member], turns: Turns, most: int) -> bool:
    """Tells whether a worker may begin to leave beside those that are leaving: at most `most` at the same time.

    Each needs one that stays to take over from it; where none stays, one alone may. What serves no more, and a leave
    that an interrupted run began, waits for nobody.
    """
    serving = {one.node_id for one in members if one.role is Role.WORKER and one.ready}
    unavailable = {one.node_id for one in members if one.node_id in serving and one.availability != "active"}
    if node_id not in serving - unavailable:
        return True
    leaving = serving & (turns.leaving | (turns.waiting & unavailable))
    staying = serving - unavailable - leaving - {node_id}
    return len(leaving) < max(1, min(most, len(staying)))


def has_quorum(members: Sequence[Member], wanted_managers: Sequence[str]) -> bool:
    """Tells whether quorum bears the next change: a leader is elected and every manager is reachable.

    A manager that is not ready and that nobody wants any more does not hold up the others: its turn to be removed
    may come after theirs.
    """
    managers = list_managers(members)
    waited_for = [one for one in managers if one.ready or host_names.is_any(one.hostname, wanted_managers)]
    return sum(one.leader for one in managers) == 1 and all(one.reachable for one in waited_for)

"""Checks on what the managers say. Each is a pure function on the observed facts."""

import collections
import datetime
import math
import shlex
from collections.abc import Sequence
from typing import Any

from providers.swarm import judgement, placement, recovery
from tools import drift, facts, quorum
from tools.findings import Finding

__all__ = [
    "check_drift",
    "check_leftovers",
    "check_loops",
    "check_managers",
    "check_nodes",
    "check_pending",
    "check_quorum",
    "check_state",
    "check_updates",
    "list_loops",
]

# So many failures of one slot are a loop and no accident, unless its newest task has run for a while.
_LOOP = 3
_SETTLED_SECONDS = 300.0
_FAILED = ("failed", "rejected")
_EVACUATION = "node.id!="
_MOST_REASONS = 6


def check_state(seen: facts.Facts) -> list[Finding]:
    """Finds that the state has lost nodes that the outputs name."""
    if not seen.missing:
        return []
    what = f"The state does not know {', '.join(seen.missing)}, which the outputs name."
    why = "A refresh that does not see a node takes it from the state. An up takes over what lives, and makes the rest."
    return [Finding(what, why, seen.commands.make("up"))]


def check_quorum(seen: facts.Facts) -> list[Finding]:
    """Finds that no manager speaks: the majority is gone, or nobody can be reached."""
    # Without memberships there is one host, and no swarm (`composeTarget: host`); that nobody is reached is told below.
    if seen.swarm is not None or not seen.recorded.nodes or seen.reaches_nobody:
        return []
    managers = seen.recorded.managers
    alive = [host for host in seen.hosts if host.membership.get("ControlAvailable")]
    if not alive:
        return [_find_silence(seen)]
    away = [name for name in managers if name not in {host.name for host in alive}]
    survivor, membership = alive[0].name, alive[0].membership
    total = max(len(managers), len(membership.get("RemoteManagers") or ()))
    why = (
        f"{facts.count(len(alive), 'manager')} of {total} can be reached ({seen.trouble}). Without a majority nothing "
        f"can be changed; tasks go on running. Bring {' or '.join(away) or 'the others'} back; when they are gone for "
        f"ever, let {survivor} go on alone, then refresh and up."
    )
    command = seen.commands.on(survivor, recovery.make_command(str(membership.get("NodeAddr", ""))))
    return [Finding("The swarm has lost its quorum.", why, command)]


def _find_silence(seen: facts.Facts) -> Finding:
    what = f"No manager answers: {seen.trouble}."
    if any(host.report for host in seen.hosts if host.name in seen.recorded.managers):
        why = "A machine answers over SSH and its engine does not: it may be looking for the others; look again."
        return Finding(what, why, seen.commands.make("doctor"))
    why = "None of the managers can be reached; the swarm may be well, and what runs goes on running."
    return Finding(what, why, seen.commands.make("refresh"))


def check_managers(seen: facts.Facts) -> list[Finding]:
    """Finds managers that the others do not reach, and a quorum without room."""
    if seen.swarm is None:
        return []
    members = quorum.read(seen.swarm.nodes)
    lost = [node for node in seen.swarm.nodes if (node.get("ManagerStatus") or {}).get("Reachability") == "unreachable"]
    return [
        Finding(
            f"Manager {seen.swarm.name_node(node['ID'])} is not reached by the other managers.",
            f"Quorum: {members}. A machine that is gone leaves the state by a refresh, and an up makes it anew.",
            _renew(seen),
        )
        for node in lost
    ]


def check_nodes(seen: facts.Facts) -> list[Finding]:
    """Finds nodes that are down, and says whether their machine still answers."""
    if seen.swarm is None:
        return []
    down = [node for node in seen.swarm.nodes if not placement.is_ready(node)]
    others = [node for node in down if (node.get("ManagerStatus") or {}).get("Reachability") != "unreachable"]
    return [_find_down(seen, node, seen.swarm.name_node(node["ID"])) for node in others]


def _find_down(seen: facts.Facts, node: facts.Plain, name: str) -> Finding:
    host = seen.find_host(name)
    what = f"Node {name} is {node['Status']['State']}: the managers do not hear from it."
    if host is not None and host.trouble and host.report is None:
        return Finding(what, f"Its machine is not reached. {host.trouble}", _renew(seen))
    if node["Status"]["State"] == "unknown":
        why = "It has just joined, or a leader has just been elected: it has not told that one of itself yet."
        return Finding(what, why, seen.commands.make("doctor"))
    if host is None:
        why = "The state does not know it: it is what a machine that is gone left behind."
        return Finding(what, why, _on_speaker(seen, _make_removal(node)))
    why = "Its machine answers over SSH; its engine, or its way to the managers, does not."
    return Finding(what, why, seen.commands.on(name, "sudo systemctl restart docker"))


def _make_removal(node: facts.Plain) -> str:
    # A manager that a recovery left out of the raft has no status as one; the engine refuses to demote it.
    demotion = f"docker node demote {node['ID']} && " if node.get("ManagerStatus") else ""
    return f"{demotion}docker node rm --force {node['ID']}"


def check_drift(seen: facts.Facts) -> list[Finding]:
    """Finds what runs differently from what the state says."""
    if seen.swarm is None:
        return []
    down = [f"node {seen.swarm.name_node(node['ID'])}" for node in seen.swarm.nodes if not placement.is_ready(node)]
    differing = drift.list_drift(seen.recorded, seen.swarm)
    return [_find_drift(seen, one) for one in differing if one.what not in down and _EVACUATION not in one.found]


def _find_drift(seen: facts.Facts, one: drift.Drift) -> Finding:
    kind, _, name = one.what.partition(" ")
    if one.recorded != drift.NOTHING or " " in name:
        why = "Someone changed it by hand, or an up was cut off. A refresh shows it, and an up puts it back."
        return Finding(f"Drift of {one}.", why, _renew(seen))
    why = f"The {kind} was made by hand, or is left over. When nobody needs it, take it out."
    command = f"docker service rm {name}" if kind == "service" else f"docker node update --availability drain {name}"
    return Finding(f"The state does not know {one.what}.", why, _on_speaker(seen, command))


def check_leftovers(seen: facts.Facts) -> list[Finding]:
    """Finds constraints that a leave which was cut off has left on services."""
    if seen.swarm is None:
        return []
    found = []
    for service in seen.swarm.services:
        name, left = service["Spec"]["Name"], _list_evacuations(service, seen.swarm)
        if left:
            removals = " ".join(f"--constraint-rm '{one}'" for one in left)
            what = f"Service {name} is kept off {', '.join(_name_kept_off(one, seen.swarm) for one in left)}."
            why = "A node's leave was cut off after its tasks were moved, and the constraint that moved them is there."
            found.append(Finding(what, why, _on_speaker(seen, f"docker service update -d {removals} {name}")))
    return found


def _list_evacuations(service: facts.Plain, swarm: facts.Swarm) -> list[str]:
    """Lists the constraints that keep it off nodes that are not leaving."""
    constraints = (service["Spec"]["TaskTemplate"].get("Placement") or {}).get("Constraints") or []
    leaving = [_EVACUATION + node["ID"] for node in swarm.nodes if node["Spec"]["Availability"] != "active"]
    return [one for one in constraints if one.startswith(_EVACUATION) and one not in leaving]


def _name_kept_off(constraint: str, swarm: facts.Swarm) -> str:
    return swarm.name_node(constraint.removeprefix(_EVACUATION))


def check_updates(seen: facts.Facts) -> list[Finding]:
    """Finds updates that failed, were paused or rolled back: what was asked for does not run."""
    if seen.swarm is None:
        return []
    found = []
    for service in seen.swarm.services:
        status = service.get("UpdateStatus") or {}
        if str(status.get("State", "")).startswith(("paused", "rollback")):
            what = f"The update of service {service['Spec']['Name']} is {status['State']}."
            told = str(status.get("Message", "")).rstrip(".")
            where, command = _find_source(seen, service["ID"])
            found.append(Finding(what, f"The swarm says: {told}. Mend image or file{where}.", command))
    return found


def list_loops(swarm: facts.Swarm, now: float) -> dict[str, list[facts.Plain]]:
    """Lists by service and slot the failed tasks of those that fail again and again, the latest first."""
    slots: dict[tuple[str, Any], list[facts.Plain]] = collections.defaultdict(list)
    for task in swarm.tasks:
        slots[task["ServiceID"], task.get("Slot") or task.get("NodeID")].append(task)
    names = {service["ID"]: service["Spec"]["Name"] for service in swarm.services}
    loops = {}
    for (service_id, slot), tasks in slots.items():
        failed = [task for task in tasks if task["Status"]["State"] in _FAILED]
        if service_id in names and len(failed) >= _LOOP and not _is_settled(tasks, now):
            where = (
                f"{names[service_id]}.{slot}"
                if isinstance(slot, int)
                else f"{names[service_id]} on {swarm.name_node(slot)}"
            )
            loops[where] = sorted(failed, key=_age, reverse=True)
    return loops


def _age(task: facts.Plain) -> str:
    return str(task["Status"].get("Timestamp") or task.get("UpdatedAt") or "")


def _is_settled(tasks: Sequence[facts.Plain], now: float) -> bool:
    """Tells whether a slot came to rest: its newest task runs for a while, or is the first of another spec."""
    newest = max(tasks, key=_age)
    if newest["Status"]["State"] != "running":
        return False
    failed = [task for task in tasks if task["Status"]["State"] in _FAILED]
    new = all(task["Spec"] != newest["Spec"] for task in failed)
    return new or now - _read_time(_age(newest)) > _SETTLED_SECONDS


def _read_time(text: str) -> float:
    """Reads a time of the engine; now, as it were, where it told none."""
    try:
        return datetime.datetime.fromisoformat(text).timestamp()
    except ValueError:
        return math.inf


def check_loops(seen: facts.Facts) -> list[Finding]:
    """Finds tasks in a restart loop and quotes what they said last."""
    if seen.swarm is None:
        return []
    found = []
    for slot, failed in list_loops(seen.swarm, seen.now).items():
        error = str(failed[0]["Status"].get("Err") or failed[0]["Status"].get("Message") or "").rstrip(".")
        where, command = _find_source(seen, failed[0]["ServiceID"])
        why = f"The last one ended with: {error}.{_explain_exit(error)} Mend image, file{where} or what it needs."
        lines = next((tuple(seen.logs[task["ID"]]) for task in failed if seen.logs.get(task["ID"])), ())
        what = f"Task {slot} starts again and again: {len(failed)} failures are on record."
        found.append(Finding(what, why, command, lines))
    return found


def _explain_exit(error: str) -> str:
    if "(137)" in error:
        return " It was killed: its memory limit may be too low, or its health check failed."
    return " Its health check failed." if "unhealthy" in error else ""


def check_pending(seen: facts.Facts) -> list[Finding]:
    """Finds tasks for which the scheduler has no node, with the reason of every node."""
    if seen.swarm is None:
        return []
    services = {service["ID"]: service for service in seen.swarm.services}
    waiting: dict[str, list[facts.Plain]] = collections.defaultdict(list)
    for task in seen.swarm.tasks:
        if task["ServiceID"] in services and judgement.finds_no_node([task]) and task["DesiredState"] == "running":
            waiting[task["ServiceID"]].append(task)
    return [_find_pending(seen, seen.swarm, services[one], tasks) for one, tasks in waiting.items()]


def _find_pending(seen: facts.Facts, swarm: facts.Swarm, service: facts.Plain, tasks: Sequence[facts.Plain]) -> Finding:
    name, told = service["Spec"]["Name"], str(tasks[0]["Status"]["Err"])
    reasons = [f"{swarm.name_node(node['ID'])}: {_explain_node(tasks[0], node)}" for node in swarm.nodes]
    shown = "; ".join(reasons[:_MOST_REASONS]) + (
        f"; and {len(reasons) - _MOST_REASONS} more" * (len(reasons) > _MOST_REASONS)
    )
    what = f"{facts.count(len(tasks), 'task')} of service {name} {'waits' if len(tasks) == 1 else 'wait'} for a node."
    where, command = _find_source(seen, service["ID"])
    return Finding(what, f"The scheduler says: {told}. {shown}. Change what it asks for{where}, or add nodes.", command)


def _explain_node(task: facts.Plain, node: facts.Plain) -> str:
    """Says why a node does not take a task; what other tasks have taken is the scheduler's to know."""
    if not placement.takes_tasks(node):
        return f"is {node['Status']['State']} and {node['Spec']['Availability']}"
    for text in (task["Spec"].get("Placement") or {}).get("Constraints") or []:
        constraint = placement.parse(text)
        if constraint is not None and not placement.satisfies(node, text):
            return constraint.lack
    have = (node.get("Description") or {}).get("Resources") or {}
    reserved = (task["Spec"].get("Resources") or {}).get("Reservations") or {}
    for key, word, unit in (("NanoCPUs", "processors", 1e9), ("MemoryBytes", "MiB of memory", 2**20)):
        if (reserved.get(key) or 0) > (have.get(key) or 0):
            return f"has {(have.get(key) or 0) / unit:.4g} {word}, {reserved[key] / unit:.4g} reserved"
    return "has no room beside what runs there"


def _find_source(seen: facts.Facts, service_id: str) -> tuple[str, str]:
    """Gives the words for where a service is written, and the command that mends it there."""
    services = seen.swarm.services if seen.swarm else ()
    name = next((str(one["Spec"]["Name"]) for one in services if one["ID"] == service_id), "")
    stack, _, service = name.partition("_")
    file, command = seen.files.get(stack), seen.commands.make("up")
    if file is None:
        return "", command
    return f" (services.{service} in {file})", f"${{EDITOR:-vi}} {shlex.quote(file)} && {command}"


def _renew(seen: facts.Facts) -> str:
    return f"{seen.commands.make('refresh')} && {seen.commands.make('up')}"


def _on_speaker(seen: facts.Facts, command: str) -> str:
    return seen.commands.on(seen.swarm.speaker if seen.swarm else "", command)

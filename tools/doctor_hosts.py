"""Checks on what the hosts and the addresses say. Each is a pure function on the observed facts."""

import statistics

from tools import facts, on_host
from tools.findings import Finding

__all__ = [
    "check_answers",
    "check_certificates",
    "check_clocks",
    "check_disks",
    "check_leaving",
    "check_logins",
    "check_ports",
    "check_reach",
    "check_restarts",
]

_DAY = 86_400.0
# A leave takes minutes: probes, moved tasks, a drain with every grace period.
_LONG_LEAVING = 900.0
# Swarm renews a node's certificate in the second half of its life, of 90 days; a day is the shortest that it allows.
_NEAR_END = {"swarm node": 7 * _DAY, "swarm root": 60 * _DAY, "SSH host": 14 * _DAY}
_MENDS = {
    "swarm node": "sudo systemctl restart docker",
    "swarm root": "docker swarm ca --rotate",
}
_APART = 2.0
_FULL = 0.85


def check_reach(seen: facts.Facts) -> list[Finding]:
    """Finds hosts that cannot be looked at; of managers, a lost quorum tells that already."""
    if seen.reaches_nobody:
        return [_find_shut_way(seen)]
    managers = seen.recorded.managers if seen.swarm is None else []
    silent = [host for host in seen.hosts if host.trouble and host.name not in managers]
    return [_find_silent(seen, host) for host in silent]


def _find_shut_way(seen: facts.Facts) -> Finding:
    # No refresh: it sees no more than this did, and takes what it does not see from the state.
    why = (
        f"The first says: {seen.hosts[0].trouble} Rather than all of them, the way in is shut: this machine's address "
        "is not in operatorNetworks, a VPN is down, or the jump host is. The swarm may be well, and what runs goes on."
    )
    command = f"ssh-keyscan -T 5 {seen.jump}" if seen.jump else seen.commands.make("status")
    return Finding("No host can be reached.", why, command)


def _find_silent(seen: facts.Facts, host: facts.Host) -> Finding:
    if host.report is not None:
        command = seen.commands.on(host.name, "sudo systemctl restart docker")
        return Finding(f"The engine of host {host.name} does not answer.", host.trouble, command)
    command = f"{seen.commands.make('refresh')} && {seen.commands.make('up')}"
    why = f"{host.trouble} A machine that is gone leaves the state by a refresh, and an up makes it anew."
    return Finding(f"Host {host.name} cannot be looked at.", why, command)


def check_ports(seen: facts.Facts) -> list[Finding]:
    """Finds published ports that no host serves to which the load balancer sends."""
    said: dict[str, dict[str, str]] = {}
    for host in _list_served(seen):
        for port, word in (host.report.ports if host.report else {}).items():
            said.setdefault(port, {})[host.name] = word
    return [
        Finding(
            f"Nobody serves port {port}.",
            f"The hosts' readiness answers: {'; '.join(f'{name}: {word}' for name, word in words.items())}.",
            seen.commands.make("status"),
        )
        for port, words in said.items()
        if "ready" not in words.values()
    ]


def _list_served(seen: facts.Facts) -> list[facts.Host]:
    """Lists the hosts in the load balancer's pool: the workers, or the managers where there are none."""
    managers = seen.recorded.managers
    return [host for host in seen.hosts if host.name not in managers] or list(seen.hosts)


def check_answers(seen: facts.Facts) -> list[Finding]:
    """Finds addresses that do not answer as they should."""
    return [
        Finding(
            f"{seen.urls[name]} ({name}) does not answer: {answer.text}.",
            "The load balancer sends where the readiness answers are 'ready'; what stands above says who is not.",
            seen.commands.make("status"),
        )
        for name, answer in seen.answers.items()
        if not answer.succeeded
    ]


def check_leaving(seen: facts.Facts) -> list[Finding]:
    """Finds hosts that turn connections away for longer than any leave takes; one that is to be drained goes on so."""
    drained = [name for name, node in seen.recorded.nodes.items() if node.get("availability") == "drain"]
    reports = [(host.name, host.report) for host in seen.hosts if host.report is not None and host.name not in drained]
    return [
        Finding(
            f"Host {name} has turned new connections away for {(seen.now - report.leaving_since) / 60:.0f} minutes.",
            "Its leave was cut off, and the file that says so is still there.",
            seen.commands.on(name, f"sudo rm {on_host.LEAVING}"),
        )
        for name, report in reports
        if report.leaving_since and seen.now - report.leaving_since > _LONG_LEAVING
    ]


def check_restarts(seen: facts.Facts) -> list[Finding]:
    """Finds hosts on which an upgrade waits for a restart, and those that a `make reboot` has not brought back."""
    whys = {
        "wanted": "An upgrade, mostly of the kernel, takes effect then.",
        "cut off": "A 'make reboot' was cut off after it had emptied the host; the same command goes on.",
    }
    states = [(host.name, host.report.restart) for host in seen.hosts if host.report is not None]
    return [
        Finding(f"The restart of host {name} is {state}.", whys[state], seen.commands.make("reboot"))
        for name, state in states
        if state
    ]


def check_certificates(seen: facts.Facts) -> list[Finding]:
    """Finds certificates that have ended or are about to."""
    found = []
    for host in seen.hosts:
        for kind, end in (host.report.ends if host.report else {}).items():
            left = end - seen.now
            if left < _NEAR_END.get(kind, 0):
                found.append(_find_end(seen, host.name, kind, left))
    return found


def _find_end(seen: facts.Facts, name: str, kind: str, left: float) -> Finding:
    when = f"ends in {left / _DAY:.1f} days" if left > 0 else f"ended {-left / _DAY:.1f} days ago"
    what = f"The {kind} certificate of host {name} {when}."
    if kind in _MENDS:
        why = "The engine renews it by itself; that it did not means that it cannot, or that its clock is wrong."
        return Finding(what, why, seen.commands.on(name, _MENDS[kind]))
    return Finding(what, "It comes with the host: a new host has a new one.", seen.commands.make("up"))


def check_clocks(seen: facts.Facts) -> list[Finding]:
    """Finds clocks that differ from the others' by more than what the way to them explains."""
    reports = [(host.name, host.report) for host in seen.hosts if host.report is not None]
    middle = statistics.median([report.ahead for _, report in reports] or [0])
    return [
        Finding(
            f"The clock of host {name} is {abs(report.ahead - middle):.1f} s "
            f"{'ahead of' if report.ahead > middle else 'behind'} the others.",
            "Certificates and logs go by the clock, and the managers' own leases do.",
            seen.commands.on(name, "sudo systemctl restart systemd-timesyncd || sudo systemctl restart chrony"),
        )
        for name, report in reports
        if abs(report.ahead - middle) - report.uncertain > _APART
    ]


def check_disks(seen: facts.Facts) -> list[Finding]:
    """Finds disks that are nearly full."""
    reports = [(host.name, host.report) for host in seen.hosts if host.report is not None]
    return [
        Finding(
            f"The disk at {path} of host {name} is {used:.0%} full.",
            "An engine with a full disk can neither pull images nor write the swarm's log. Old images go first.",
            seen.commands.on(name, "docker system prune --all --force"),
        )
        for name, report in reports
        for path, used in report.disks.items()
        if used > _FULL
    ]


def check_logins(seen: facts.Facts) -> list[Finding]:
    """Finds registries that refuse the login with which nodes pull."""
    return [
        Finding(
            f"Registry {server} refuses the login that services carry.",
            f"It says: {told}. What runs goes on; a node that has no copy of an image yet cannot pull it.",
            f"{seen.commands.make('refresh')} && {seen.commands.make('up')}",
        )
        for server, told in seen.refused_logins.items()
    ]

"""What a check of docker-bench-security is: a rule with its number, and a pure judgement on what a host tells."""

import dataclasses
import enum
from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["Check", "Host", "Outcome", "Verdict", "fail_on", "inform", "require"]


class Verdict(enum.Enum):
    """How a rule fares on a host; INFO where it does not apply, or where people must judge."""

    PASS = "pass"
    FAIL = "fail"
    INFO = "info"


@dataclasses.dataclass(frozen=True)
class Outcome:
    """A verdict and what was seen."""

    verdict: Verdict
    text: str = ""


@dataclasses.dataclass(frozen=True)
class Host:
    """What `tools/audit/on_host.py` collected on one host."""

    name: str
    told: Mapping[str, Any]

    @property
    def info(self) -> Mapping[str, Any]:
        """Gives the engine's description of itself (`GET /info`)."""
        found: Mapping[str, Any] = self.told.get("info") or {}
        return found

    @property
    def daemon(self) -> Mapping[str, Any]:
        """Gives /etc/docker/daemon.json."""
        found: Mapping[str, Any] = self.told.get("daemon") or {}
        return found

    @property
    def containers(self) -> Sequence[Mapping[str, Any]]:
        """Gives the running containers (`GET /containers/ID/json`)."""
        found: Sequence[Mapping[str, Any]] = self.told.get("containers") or ()
        return found

    @property
    def is_manager(self) -> bool:
        """Tells whether it speaks for the swarm."""
        return bool((self.info.get("Swarm") or {}).get("ControlAvailable"))


@dataclasses.dataclass(frozen=True)
class Check:
    """A rule of the CIS Docker Benchmark 1.6 under the number that docker-bench-security 1.6 gives it."""

    number: str
    title: str
    judge: Callable[[Host], Outcome]


def require(holds: bool, text: str) -> Outcome:
    """Passes where something holds, and fails with a text where it does not."""
    return Outcome(Verdict.PASS) if holds else Outcome(Verdict.FAIL, text)


def fail_on(found: Sequence[str]) -> Outcome:
    """Fails where anything was found, and lists it."""
    return require(not found, ", ".join(found))


def inform(text: str) -> Outcome:
    """Gives what people must judge."""
    return Outcome(Verdict.INFO, text)

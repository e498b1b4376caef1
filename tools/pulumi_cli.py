"""The `pulumi` on PATH, asked about one stack."""

import contextlib
import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import tools

__all__ = ["Cli", "Error", "Pulumi"]


@dataclasses.dataclass(frozen=True)
class Error:
    """An error that a command showed: about which resource, and in which words."""

    urn: str
    message: str


class Pulumi(Protocol):
    """What the commands need of `pulumi`; every call is about one stack."""

    @property
    def stack(self) -> str:
        """The stack's name."""

    def run(self, *arguments: str) -> int:
        """Run a command on the user's terminal and return its exit code."""

    def run_watched(self, *arguments: str) -> tuple[int, list[Error]]:
        """Run a command that changes the stack, as `run` does; return its exit code and the errors it showed."""

    def read(self, *arguments: str) -> Any:
        """Return what a command prints as JSON; None when there is no such stack. Raises `ToolError`."""

    def write(self, data: Any, *arguments: str) -> None:
        """Give a command JSON to read. Raises `ToolError` with Pulumi's words."""


class Cli:
    """`pulumi` as a child process."""

    def __init__(self, stack: str) -> None:
        self._stack = stack

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self._stack

    def run(self, *arguments: str) -> int:
        """Run a command on the user's terminal and return its exit code.

        Ctrl-C reaches Pulumi by itself, which then ends the running steps; this process waits for that.
        """
        # From before the child starts: a Ctrl-C in between would end this process and leave the child alone.
        return _while_ignoring_interrupts(lambda: subprocess.run(self._command(arguments)).returncode)

    def run_watched(self, *arguments: str) -> tuple[int, list[Error]]:
        """Run a command that changes the stack, as `run` does; return its exit code and the errors it showed."""
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder, "events")
            # Pulumi counts --event-log among what is for its own debugging; its automation API runs on it.
            environment = {**os.environ, "PULUMI_DEBUG_COMMANDS": "true"}
            command = self._command((*arguments, "--event-log", str(log)))
            code = _while_ignoring_interrupts(lambda: subprocess.run(command, env=environment).returncode)
            return code, _read_errors(log.read_text(encoding="utf-8", errors="replace")) if log.exists() else []

    def read(self, *arguments: str) -> Any:
        """Return what a command prints as JSON; None when there is no such stack. Raises `ToolError`."""
        done = self._capture(arguments, "")
        if "no stack named" in done.stderr:
            return None
        return json.loads(self._require(done, arguments) or "null")

    def write(self, data: Any, *arguments: str) -> None:
        """Give a command JSON to read. Raises `ToolError` with Pulumi's words."""
        self._require(self._capture(arguments, json.dumps(data)), arguments)

    def _capture(self, arguments: tuple[str, ...], data: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self._command(arguments), input=data, capture_output=True, text=True)

    def _require(self, done: subprocess.CompletedProcess[str], arguments: tuple[str, ...]) -> str:
        if done.returncode == 0:
            return done.stdout
        words = " ".join(done.stderr.split()).removeprefix("error: ") or f"exit code {done.returncode}"
        raise tools.ToolError(f"'pulumi {' '.join(arguments[:2])}' of stack {self._stack} failed: {words}")

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return ["pulumi", *arguments, "--stack", self._stack]


def _read_errors(log: str) -> list[Error]:
    told = (event.get("diagnosticEvent") or {} for event in _read_events(log))
    return [Error(one.get("urn", ""), one["message"]) for one in told if one.get("severity") == "error"]


def _read_events(log: str) -> Iterator[dict[str, Any]]:
    for line in log.splitlines():
        # A Pulumi that was killed leaves half a line.
        with contextlib.suppress(json.JSONDecodeError):
            yield json.loads(line)


def _while_ignoring_interrupts(run: Callable[[], int]) -> int:
    # A handler, not SIG_IGN: a child inherits what is ignored.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return run()
    finally:
        signal.signal(signal.SIGINT, before)

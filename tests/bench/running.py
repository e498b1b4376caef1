"""Commands that are timed, and that end with the bench: an interrupt lets them finish in order before it goes on.

BenchError   something that is measured did not run; the text holds the end of what it printed
"""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

_LINES = 30
_GRACE = 90.0


class BenchError(Exception):
    """Something that is measured did not run."""


def say(sentence: str) -> None:
    """Says on standard error what goes on: standard output is for the figures."""
    print(sentence, file=sys.stderr, flush=True)


def time_command(command: Sequence[str], folder: pathlib.Path, variables: Mapping[str, str]) -> float:
    """Runs a command in a session of its own and gives its seconds. Raises `BenchError`."""
    started = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=folder,
        env=dict(variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            told, _ = process.communicate()
        except BaseException:
            _end(process)
            raise
    seconds = time.monotonic() - started
    if process.returncode != 0:
        last = "\n".join(told.splitlines()[-_LINES:])
        raise BenchError(f"{' '.join(command)} ended with {process.returncode}:\n{last}")
    say(f"  {seconds:.2f} s")
    return seconds


def _end(process: subprocess.Popen[str]) -> None:
    """Interrupts what runs, as Ctrl-C does, and kills what has not ended by then."""
    say("Interrupted: waiting for what runs to end.")
    for sign, seconds in ((signal.SIGINT, _GRACE), (signal.SIGKILL, None)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=seconds)
            return


def interrupt_once() -> None:
    """Turns the first SIGINT or SIGTERM into a `KeyboardInterrupt`; cleaning up is not interrupted again."""

    def interrupt(*_: object) -> None:
        for sign in (signal.SIGINT, signal.SIGTERM):
            # A handler, not SIG_IGN: children inherit what is ignored.
            signal.signal(sign, lambda *_: None)
        raise KeyboardInterrupt

    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, interrupt)

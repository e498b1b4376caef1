"""The ratios that the project promises, each measured with both figures in the same minutes."""

import contextlib
import dataclasses
import functools
import ipaddress
import json
import os
import pathlib
import statistics
import subprocess
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.bench import by_hand, compose_files, replacement, running
from tests.bench.figures import Figure, Ratio
from tests.e2e import environment
from tests.e2e.environment import Environment

_SPACES = ipaddress.IPv4Network("10.128.0.0/10")
_FEW, _MANY = 10, 100
_APPLICATION = "apps/many/compose.yaml"
_EMPTY_STACK = "empty"
# In turn: another size replaces every worker, and nothing else. The first one is that of a new environment.
_SIZES = ("Standard_B2als_v2", "Standard_B2s_v2")


@dataclasses.dataclass(frozen=True)
class Bench:
    """Where the bench works, what its names begin with, and how often cheap and costly figures are measured."""

    folder: pathlib.Path
    prefix: str
    runs: int
    costly_runs: int


def measure_cold_up(bench: Bench) -> Ratio:
    """Measures `pulumi up` of a new environment beside the same by hand; the image build cache is warm for both."""
    load, first, second = os.getloadavg()[0], [], []
    with _warm_cache(bench):
        for index in range(bench.costly_runs):
            folder = bench.folder / f"cold-{index}"
            running.say("Measuring: the same by hand")
            with by_hand.prepare(_make_folder(folder / "hand"), f"{bench.prefix}-hand", _find_space()) as variables:
                second.append(by_hand.run(variables))
            running.say("Measuring: a cold up of dev")
            with environment.create(_make_folder(folder / "dev"), bench.prefix, _make_settings()) as dev:
                first.append(_up(dev))
    return Ratio(
        "cold-up",
        Figure("pulumi up of dev in a fresh sandbox, image build cache warm", first),
        Figure("by_hand.sh: docker CLI, image build cache warm", second),
        1.3,
        _until_now(load),
    )


def measure_unchanged_up(bench: Bench) -> Ratio:
    """Measures `pulumi up` with nothing to do beside `pulumi preview` of an empty program in the same sandbox."""
    load, first, second = os.getloadavg()[0], [], []
    with environment.create(_make_folder(bench.folder / "unchanged"), bench.prefix, _make_settings()) as dev:
        running.say("Bringing dev up")
        _up(dev)
        running.say("Measuring: an up without a change, a preview of nothing")
        empty = dataclasses.replace(dev, stack=_EMPTY_STACK)
        empty.pulumi("stack", "init")
        for _ in range(bench.runs):
            first.append(_up(dev, "--expect-no-changes"))
            with _empty_program(dev.folder):
                second.append(_preview(empty))
    return Ratio(
        "unchanged-up",
        Figure("pulumi up of dev without a change", first),
        Figure("pulumi preview of an empty program", second),
        3,
        _until_now(load),
    )


def measure_preview_growth(bench: Bench) -> Ratio:
    """Measures previews of 100 hosts and 100 services beside 10 and 10, nothing being made."""
    load, seconds = os.getloadavg()[0], dict[int, list[float]]()
    for count in (_MANY, _FEW):
        running.say(f"Measuring: previews of {count} hosts and {count} services")
        folder = _make_folder(bench.folder / f"preview-{count}")
        settings = {**_make_settings(), "managers": 1, "workers": count - 1}
        with (
            _environment(SANDBOX_RECORD_ONLY="1"),
            environment.create(folder, f"{bench.prefix}-{count}", settings) as made,
        ):
            _write_application(made, count)
            seconds[count] = [_preview(made) for _ in range(bench.runs)]
    return Ratio(
        "preview-growth",
        Figure(f"pulumi preview of {_MANY} hosts and {_MANY} services", seconds[_MANY]),
        Figure(f"pulumi preview of {_FEW} hosts and {_FEW} services", seconds[_FEW]),
        _MANY / _FEW,
        _until_now(load),
    )


def measure_rolling(count: int, bench: Bench) -> Ratio:
    """Measures an `up` that replaces workers beside the slowest of these hosts: its boot plus its leave."""
    load, first, second, beside, told = os.getloadavg()[0], [], [], [], list[str]()
    settings = {**_make_settings(), "workers": count, "workerSize": _SIZES[0]}
    with environment.create(_make_folder(bench.folder / f"rolling-{count}"), bench.prefix, settings) as made:
        running.say(f"Bringing dev with {count} workers up")
        _up(made)
        for _ in range(bench.costly_runs):
            running.say(f"Measuring: {count} workers replaced, as many at once; then one after another")
            seconds, seen = _replace_workers(made, _SIZES[1], count)
            first.append(seconds)
            second.append(seen.slowest_host)
            told.append(seen.describe())
            beside.append(_replace_workers(made, _SIZES[0], 1)[0])
    return Ratio(
        f"rolling-{count}",
        Figure(f"pulumi up of dev that replaces {count} workers, maxUnavailable {count}", first),
        Figure(f"its slowest host's boot plus leave, from the engine's events: {'; '.join(told)}", second),
        1.5,
        _until_now(load),
        [Figure("the same up with maxUnavailable 1: all boot at once and leave one after another", beside)],
    )


def _replace_workers(made: Environment, size: str, most: int) -> tuple[float, replacement.Replacement]:
    made.configure(workerSize=size, maxUnavailable=most)
    log = made.folder / f"events-{size}.json"
    with _environment(PULUMI_DEBUG_COMMANDS="true"):
        seconds = _up(made, "--event-log", str(log))
    seen = replacement.read(log.read_text().splitlines())
    log.unlink()
    return seconds, seen


def measure_converting(bench: Bench) -> Ratio:
    """Measures the conversion of a compose file beside `docker stack config`, each with its start."""
    load = os.getloadavg()[0]
    running.say(f"Measuring: {compose_files.CONVERTED} services of a compose file, by us and by Docker's client")
    # A tenth of a second each: ten times as many runs as of what takes seconds.
    first, second = compose_files.time_converting(_make_folder(bench.folder / "converting"), bench.runs * 10)
    file = f"a file of {compose_files.CONVERTED} services with 30 lines each"
    return Ratio(
        "compose-convert",
        Figure(f"python -m compose convert of {file}", first),
        Figure(f"docker stack config of {file}", second),
        1,
        _until_now(load),
    )


def measure_deploying(bench: Bench) -> Ratio:
    """Measures `pulumi up` that adds services to a swarm beside `docker stack deploy` and a wait for the same tasks."""
    load, services = os.getloadavg()[0], f"{compose_files.DEPLOYED} services"
    running.say(f"Measuring: {services}, by docker stack deploy, by pulumi up, and an up without a change")
    found = compose_files.time_deploying(_make_folder(bench.folder / "deploying"), bench.runs)
    idle = statistics.median(found.unchanged)
    return Ratio(
        "compose-deploy",
        Figure(f"pulumi up with {services} more; {idle:.2f} s of it is an up without a change", found.ups),
        Figure(f"docker stack deploy of {services} and a wait until every task runs", found.deploys),
        1.1,
        _until_now(load),
    )


MEASURES: Mapping[str, Callable[[Bench], Ratio]] = {
    "cold-up": measure_cold_up,
    "unchanged-up": measure_unchanged_up,
    "preview-growth": measure_preview_growth,
    "rolling-2": functools.partial(measure_rolling, 2),
    "rolling-4": functools.partial(measure_rolling, 4),
    "compose-convert": measure_converting,
    "compose-deploy": measure_deploying,
}


def _make_settings() -> dict[str, object]:
    space = _find_space()
    return {"addressSpace": str(space), "hostSubnet": str(next(space.subnets(new_prefix=22)))}


def _find_space() -> ipaddress.IPv4Network:
    """Finds a network that no other on this machine's engine overlaps: other sandboxes may run beside."""
    names = environment.docker("network", "ls", "--quiet").split()
    # One that goes in between is an error to docker, and the others are on standard output all the same.
    told = subprocess.run(["docker", "network", "inspect", *names], capture_output=True, text=True, check=False).stdout
    parts = [part for network in json.loads(told) for part in network["IPAM"]["Config"] or ()]
    taken = [ipaddress.ip_network(part["Subnet"]) for part in parts]
    free = (
        space
        for space in _SPACES.subnets(new_prefix=16)
        if not any(space.overlaps(other) for other in taken if other.version == 4)
    )
    return next(free)


def _up(made: Environment, *arguments: str) -> float:
    return _time_pulumi(made, "up", "--yes", "--skip-preview", *arguments)


def _preview(made: Environment) -> float:
    return _time_pulumi(made, "preview")


def _time_pulumi(made: Environment, *arguments: str) -> float:
    command = ["sandbox/run", "pulumi", *arguments, "--stack", made.stack, "--non-interactive"]
    return running.time_command(command, made.folder, made.variables)


def _until_now(load: float) -> tuple[float, float]:
    return (load, os.getloadavg()[0])


def _make_folder(folder: pathlib.Path) -> pathlib.Path:
    folder.mkdir(parents=True)
    return folder


@contextlib.contextmanager
def _warm_cache(bench: Bench) -> Iterator[None]:
    """Builds the images of the shop once: their layers are the cache for as long as an image has them."""
    built = []
    running.say("Warming the image build cache")
    try:
        for context in sorted(path.parent for path in environment.CHECKOUT.glob("apps/shop/*/Dockerfile")):
            built.append(f"{bench.prefix}/{context.name}")
            command = ["docker", "build", "--quiet", "--tag", built[-1], str(context)]
            running.time_command(command, environment.CHECKOUT, {**os.environ, "DOCKER_BUILDKIT": "0"})
        yield
    finally:
        subprocess.run(["docker", "image", "rm", *built], capture_output=True, check=False)


@contextlib.contextmanager
def _empty_program(checkout: pathlib.Path) -> Iterator[None]:
    """Puts an empty program in place of the copied checkout's own."""
    program = checkout / "__main__.py"
    text = program.read_text()
    program.write_text("")
    try:
        yield
    finally:
        program.write_text(text)


@contextlib.contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """Sets variables for the commands that are run meanwhile."""
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in variables:
            del os.environ[name]


def _write_application(made: Environment, count: int) -> None:
    file = made.folder / _APPLICATION
    file.parent.mkdir(parents=True)
    file.write_text("\n".join(["services:", *(_make_service(index) for index in range(count)), ""]))
    made.pulumi("config", "set", "--path", "applications[0]", f"many={_APPLICATION}")


def _make_service(index: int) -> str:
    container: dict[str, Any] = {"command": ["sleep", "infinity"], "environment": {"NUMBER": str(index)}}
    lines = [f"    {key}: {value!r}" for key, value in container.items()]
    return "\n".join([f"  service-{index}:", "    image: debian:bookworm-slim", *lines, "    deploy: {replicas: 2}"])

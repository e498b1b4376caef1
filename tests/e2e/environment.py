"""An environment in a sandbox of its own: a copied checkout in which tests may edit, and what users type there."""

import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import subprocess
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sandbox import home
from tests import load, waiting

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
SECONDS = 600.0
LOAD_PAUSE = 0.05


@dataclasses.dataclass
class Environment:
    """One stack of one sandbox. `folder` is the copied checkout."""

    folder: pathlib.Path
    state: pathlib.Path
    prefix: str
    stack: str = "dev"
    image_version: int = 0

    @property
    def variables(self) -> dict[str, str]:
        """The environment of its commands."""
        sandbox = {"SANDBOX_HOME": str(self.state), "SANDBOX_PREFIX": self.prefix}
        return {**os.environ, **sandbox}

    def make(self, *arguments: str, check: bool = True) -> str:
        """Runs `make …` and gives what it printed."""
        return self._run(["make", "--no-print-directory", *arguments, f"STACK={self.stack}"], check)

    def pulumi(self, *arguments: str, check: bool = True) -> str:
        """Runs `sandbox/run pulumi … --stack …` and gives what it printed."""
        return self._run(["sandbox/run", "pulumi", *arguments, "--stack", self.stack, "--non-interactive"], check)

    def up(self, *arguments: str, check: bool = True) -> str:
        """Runs `pulumi up` without questions."""
        return self.pulumi("up", "--yes", "--skip-preview", *arguments, check=check)

    def _run(self, command: list[str], check: bool) -> str:
        done = subprocess.run(
            command, cwd=self.folder, env=self.variables, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        told = done.stdout + done.stderr
        assert done.returncode == 0 or not check, f"{' '.join(command)} ended with {done.returncode}:\n{told}"
        return told

    def read(self, *arguments: str) -> Any:
        """Runs pulumi and gives the JSON on its standard output."""
        command = ["sandbox/run", "pulumi", *arguments, "--stack", self.stack, "--non-interactive"]
        done = subprocess.run(
            command, cwd=self.folder, env=self.variables, capture_output=True, text=True, timeout=SECONDS, check=True
        )
        return json.loads(done.stdout)

    @property
    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        found: dict[str, Any] = self.read("stack", "output", "--json")
        return found

    @property
    def address(self) -> str:
        """The host part of the first address that answers."""
        return str(urllib.parse.urlparse(next(iter(self.outputs["ingress"].values()))).hostname)

    def configure(self, **settings: object) -> None:
        """Sets the stack's settings, as users do."""
        for key, value in settings.items():
            self.pulumi("config", "set", key, str(value))

    def clear(self, key: str) -> None:
        """Takes a setting away, if it is there."""
        self.pulumi("config", "rm", key)

    def changes(self) -> dict[str, dict[str, Any]]:
        """Previews, and gives by name of resource what would change: operation and paths."""
        steps = self.read("preview", "--json", "--diff")["steps"]
        return {
            step["urn"].rpartition("::")[2]: {"op": step["op"], "paths": sorted(step.get("detailedDiff") or {})}
            for step in steps
            if step["op"] != "same" and "azure-swarm:components" not in _own_type(step["urn"])
        }

    def containers(self) -> list[str]:
        """Lists the containers of this sandbox, dead ones too."""
        return self._list("ps", "--all", "--format", "{{.Names}}")

    def _list(self, *arguments: str) -> list[str]:
        return docker(*arguments, "--filter", f"label={home.LABEL}={self.prefix}").split()

    def leftovers(self) -> list[str]:
        """Lists everything in Docker that carries this sandbox's label."""
        networks = self._list("network", "ls", "--format", "{{.Name}}")
        return [*self.containers(), *networks, *self._list("volume", "ls", "--format", "{{.Name}}")]

    def find(self, host: str) -> str:
        """Finds the container of the host whose name begins so."""
        return next(name for name in self.containers() if name.startswith(f"{self.prefix}-{host}-"))

    def swarm(self, *arguments: str) -> list[dict[str, Any]]:
        """Asks the first manager with its own docker command, and gives the lines as JSON."""
        told = docker("exec", self.find("manager-0"), "docker", *arguments, "--format", "{{json .}}")
        return [json.loads(line) for line in told.splitlines()]

    def swarm_id(self) -> str:
        """Gives the swarm's id."""
        return docker("exec", self.find("manager-0"), "docker", "info", "--format", "{{.Swarm.Cluster.ID}}").strip()

    def swarm_do(self, *arguments: str) -> None:
        """Runs a docker command on the first manager, as someone would by hand."""
        docker("exec", self.find("manager-0"), "docker", *arguments)

    def tasks(self, service: str) -> list[dict[str, Any]]:
        """Lists the running tasks of a service."""
        return self.swarm("service", "ps", service, "--no-trunc", "--filter", "desired-state=running")

    @contextlib.contextmanager
    def load(self) -> Iterator[load.Tally]:
        """Keeps asking through the load balancer: half with a fresh connection each, half with one kept alive."""
        with load.Load(80, fresh=4, kept=4, pause=LOAD_PAUSE, host=self.address) as running:
            yield running.tally

    def kill_up(self, seconds: float) -> bool:
        """Starts `make up` and kills it with everything it started, after some seconds; False: it ended before."""
        with self.running_up() as run:
            with contextlib.suppress(subprocess.TimeoutExpired):
                run.process.wait(seconds)
            return run.process.returncode is None

    @contextlib.contextmanager
    def running_up(self) -> Iterator["Run"]:
        """Starts `make up`; what goes on at the end is killed, with everything that it started."""
        log = self.folder.parent / "running-up.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                ["make", "--no-print-directory", "up", f"STACK={self.stack}"],
                cwd=self.folder,
                env=self.variables,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield Run(process, log)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            waiting.wait_for(lambda: not _list_living(process.pid), 30, "what was killed is gone")

    def edit(self, file: str, change: Callable[[str], str]) -> None:
        """Changes a file of the copied checkout."""
        path = self.folder / file
        text = path.read_text()
        changed = change(text)
        assert changed != text, f"the edit of {file} changed nothing"
        path.write_text(changed)


@dataclasses.dataclass(frozen=True)
class Run:
    """An `up` that goes on while something happens to it; `log` is what it prints."""

    process: subprocess.Popen[bytes]
    log: pathlib.Path

    def await_told(self, text: str, seconds: float = 120) -> None:
        """Waits until it has printed a text."""
        waiting.wait_for(lambda: text in self.log.read_text(), seconds, f"the up says {text!r}")

    def finish(self) -> tuple[int, str]:
        """Waits for its end and gives the exit code and what it printed."""
        code = self.process.wait(SECONDS)
        return code, self.log.read_text()


def _list_living(group: int) -> list[str]:
    """Lists the processes of a group that have not ended; a killed one is a moment in dying."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _parent, its_group = path.read_text().rpartition(") ")[2].split()[:3]
            if its_group == str(group) and state not in ("Z", "X"):
                found.append(path.parent.name)
    return found


def _own_type(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


CommandFailed = subprocess.CalledProcessError


def docker(*arguments: str) -> str:
    """Runs docker on this machine. Raises `CommandFailed`."""
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout


@contextlib.contextmanager
def create(folder: pathlib.Path, prefix: str, settings: Mapping[str, object]) -> Iterator[Environment]:
    """Copies the checkout and gives an environment in it; removes everything at the end, however that is reached."""
    copy = folder / "checkout"
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        if (CHECKOUT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, copy / name)
    (copy / ".venv").symlink_to(CHECKOUT / ".venv")
    made = Environment(copy, folder / "sandbox", prefix)
    try:
        made.pulumi("stack", "init")
        made.configure(**settings)
        yield made
    finally:
        made.make("down", check=False)
        sweep(made)


def sweep(environment: Environment) -> None:
    """Removes what a failed `down` left."""
    for name in environment.containers():
        docker("rm", "--force", "--volumes", name)
    for kind in ("network", "volume"):
        for name in environment._list(kind, "ls", "--format", "{{.Name}}"):
            docker(kind, "rm", name)

"""A Pulumi project in a folder, with its state beside it, run by the toolchain of this checkout."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
from typing import Any

_ROOT = pathlib.Path(__file__).parents[3]
_TOOLS = subprocess.run(
    [_ROOT / "tools/setup-toolchain", "--print"], capture_output=True, text=True, check=False
).stdout
_PATH = f"{pathlib.Path(sys.executable).parent}:{_TOOLS.strip()}:{os.environ['PATH']}"
PULUMI = shutil.which("pulumi", path=_PATH)


class Project:
    """A project whose program is a file of this folder and whose compose file the test writes."""

    def __init__(self, folder: pathlib.Path, program: str, environment: dict[str, str]) -> None:
        self.folder = folder
        self._environment = environment
        text = pathlib.Path(__file__).with_name(program).read_text(encoding="utf-8")
        (folder / "__main__.py").write_text(text)
        plugins = {"providers": [{"name": "swarm", "path": f"{_ROOT}/providers/swarm/bin"}]}
        (folder / "Pulumi.yaml").write_text(json.dumps({"name": "test", "runtime": "python", "plugins": plugins}))
        (folder / "state").mkdir()
        self.write("compose.yaml", "services: {}")
        done = self.run("stack", "init", "test")
        assert done.returncode == 0, done.stdout + done.stderr

    def write(self, name: str, text: str) -> None:
        """Writes a file."""
        (self.folder / name).write_text(text)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Runs pulumi."""
        environment = {
            "PATH": _PATH,
            "HOME": str(self.folder),
            "PYTHONPATH": str(_ROOT),
            "PULUMI_BACKEND_URL": f"file://{self.folder}/state",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "COMPOSE_FILE": str(self.folder / "compose.yaml"),
            **self._environment,
        }
        return subprocess.run(
            [str(PULUMI), *command, "--non-interactive", "--color=never"],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def up(self, *flags: str) -> str:
        """Applies, and gives what was told."""
        done = self.run("up", "--yes", "--skip-preview", *flags)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def preview(self, *flags: str) -> str:
        """Previews, and gives what was told; under `--diff` Pulumi leaves out what is neither warning nor error."""
        done = self.run("preview", *flags)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def outputs(self) -> Any:
        """Gives the state of the resources by their names."""
        exported = json.loads(self.run("stack", "export").stdout)
        return {one["urn"].rpartition("::")[2]: one for one in exported["deployment"]["resources"]}

"""The command that runs a script by a host's own python3, where there is one."""

import pathlib
import subprocess
import sys

from tools import remote_python


def _add(path: pathlib.Path, name: str, body: str) -> None:
    (path / name).write_text(f"#!/bin/sh\n{body}\n")
    (path / name).chmod(0o755)


_SCRIPT = 'import sys; print("it\'s", sys.argv[1:])'


def _run(path: pathlib.Path, asked: str) -> subprocess.CompletedProcess[str]:
    _add(path, "sudo", 'shift\nexec "$@"')
    return subprocess.run(["/bin/sh", "-c", asked], env={"PATH": str(path)}, capture_output=True, text=True)


def test_a_script_is_run_with_its_arguments(tmp_path: pathlib.Path) -> None:
    _add(tmp_path, "python3", f'exec {sys.executable} "$@"')

    done = _run(tmp_path, remote_python.make_command(_SCRIPT, '"$PATH" 80'))

    assert done.stdout == f"it's ['{tmp_path}', '80']\n"


def test_a_host_without_python_says_so_in_a_sentence(tmp_path: pathlib.Path) -> None:
    done = _run(tmp_path, remote_python.make_command(_SCRIPT))

    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr == "This host has no python3, as those of Flatcar, and cannot be examined.\n"


def test_a_host_without_python_may_have_nothing_to_tell(tmp_path: pathlib.Path) -> None:
    done = _run(tmp_path, remote_python.make_command(_SCRIPT, otherwise=remote_python.EMPTY))

    assert (done.returncode, done.stdout, done.stderr) == (0, "{}\n", "")

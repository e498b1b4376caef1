"""The case files: small compose files, each with a sentence about the rule that it shows.

Comments at a file's start say how it is loaded and what comes of it beside specs:

    # environment: A=1 B=2     variables
    # with: other.yaml         a further file, merged over this one
    # dialect: spec            the dialect; `stack` if not said
    # profiles: a b            the active profiles
    # refused: SENTENCE        the error, without the file's name
    # warned: SENTENCE         a notice, without the file's name and line
    # differs: SENTENCE        why docker stack deploy is known to do something else
    # engine: WORDS            with which the engine of the sandbox refuses what both ways send

A case of the dialect `spec` has a file `.plain.yaml` beside it that says the same in the stack dialect.
`recorded.json` holds what `docker stack deploy` sent for each case; `record_cases.py` writes it anew.
"""

import dataclasses
import json
import pathlib
import re
from typing import Any

import compose

ROOT = pathlib.Path(__file__).parent / "cases"
STACK = "st"
_DIRECTIVE = re.compile(r"# (environment|with|dialect|profiles|refused|warned|differs|engine): ?(.*)")
_PLACE = re.compile(r"^[^\s:]*?([^/\s:]+:\d+: )")


@dataclasses.dataclass(frozen=True)
class Case:
    """One case file with what its comments say."""

    name: str
    files: list[pathlib.Path]
    environment: dict[str, str]
    dialect: compose.Dialect
    profiles: list[str]
    refused: list[str]
    warned: list[str]
    differs: list[str]
    engine: list[str]

    @property
    def plain(self) -> pathlib.Path:
        """Gives the file beside this one that says the same in the stack dialect."""
        return self.files[0].with_suffix(".plain.yaml")

    @property
    def refusal(self) -> str:
        """Gives the expected sentence; what does not start with a line names another file than the case's own."""
        said = self.refused[0]
        return f"{self.files[0].name}:{said}" if said[0].isdigit() else said

    def load(self, **options: Any) -> compose.Project:
        """Loads the case as its comments say."""
        environment = {"HOME": "/home/somebody", **self.environment}
        chosen = {"dialect": self.dialect, "allow_outside": True, "profiles": self.profiles, **options}
        return compose.load(self.files, STACK, environment=environment, **chosen)


def read_cases(dialect: compose.Dialect) -> list[Case]:
    """Reads every case of a dialect; what lies beside the folders is not one."""
    files = [file for file in sorted(ROOT.glob("*/*.yaml")) if file.parent.name != "files" and "." not in file.stem]
    cases = [_read(file) for file in files]
    return [case for case in cases if case.dialect is dialect]


def _read(file: pathlib.Path) -> Case:
    said: dict[str, list[str]] = {}
    for line in file.read_text().splitlines():
        match = _DIRECTIVE.match(line)
        if match:
            said.setdefault(match[1], []).append(match[2])
    variables = " ".join(said.get("environment", [])).split()
    return Case(
        name=f"{file.parent.name}/{file.stem}",
        files=[file, *(file.parent / other for other in said.get("with", []))],
        environment=dict(variable.split("=", 1) for variable in variables),
        profiles=" ".join(said.get("profiles", [])).split(),
        dialect=compose.Dialect(said.get("dialect", ["stack"])[0]),
        refused=said.get("refused", []),
        warned=said.get("warned", []),
        differs=said.get("differs", []),
        engine=said.get("engine", []),
    )


def shorten(message: str) -> str:
    """Leaves of a place only the file's name and the line."""
    return _PLACE.sub(r"\1", message).replace(str(ROOT), "ROOT")


def recorded() -> dict[str, Any]:
    """Reads what docker stack deploy did with every case."""
    found: dict[str, Any] = json.loads((ROOT / "recorded.json").read_text())
    return found

"""Environment variables of services: `env_file` and `environment`, and what the caller's environment adds."""

import pathlib
from collections.abc import Iterator, Mapping

from compose import errors

Variables = dict[str, str | None]


def resolve(files: list[pathlib.Path], variables: Variables, environment: Mapping[str, str]) -> Variables:
    """Joins the files and the variables, later ones winning.

    A variable that is empty or has no value takes the one of the caller's environment, if that has it: so does
    Docker.
    """
    resolved: Variables = {}
    for source in (dict(_read_all(files, environment)), variables):
        for name, value in source.items():
            resolved[name] = value or environment.get(name, value)
    return resolved


def _read_all(files: list[pathlib.Path], environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for file in files:
        yield from _read_file(file, environment)


def _read_file(file: pathlib.Path, environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Reads `NAME=value` lines as they stand: no quotes are removed and nothing is replaced.

    A line with a name alone takes the value from the environment, or is left out.
    """
    for number, line in enumerate(read_lines(file), 1):
        stripped = line.lstrip()
        if not stripped or stripped.startswith("#"):
            continue
        name, found, value = stripped.partition("=")
        if not name or any(character.isspace() for character in name):
            raise errors.FileError(file, f"a variable must have a name without blanks; got {name!r}.", number)
        if found or name in environment:
            yield name, value if found else environment[name]


def read_lines(file: pathlib.Path) -> list[str]:
    """Gives the lines of a text file without their ends."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise errors.FileError(file, f"the file cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise errors.FileError(file, "the file must be UTF-8 text.") from error
    return [line.removesuffix("\r") for line in text.split("\n")]

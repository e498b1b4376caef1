"""Reads one file into sections in long form: schema, environment files, paths, external objects."""

import dataclasses
import pathlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from compose import environment, errors, go_yaml, interpolation, model, ports, readers, stack_schema, versions

_OBJECTS = ("networks", "volumes", "secrets", "configs")
_NOT_WITH_EXTERNAL = ("driver", "driver_opts", "labels")


@dataclasses.dataclass(frozen=True)
class Source:
    """A file with its raw value, which may have been changed since it was read (variables, inheritance)."""

    document: go_yaml.Document
    value: dict[str, Any]
    directory: pathlib.Path
    """What relative paths start from."""
    root: pathlib.Path
    """The project's directory, which paths may not leave unless the caller allows it."""
    environment: Mapping[str, str]
    """What variables were replaced from."""

    def refused(self, refusal: errors.Refusal) -> errors.KeyRefused:
        """Makes the error for a refused value of this file."""
        text = interpolation.explain(refusal.text, self.document.get(refusal.path), self.environment)
        return errors.KeyRefused(self.document.place_of(refusal.path), refusal.path, text)


Resolve = Callable[[Source, dict[str, Any], model.Options], None]
"""What a dialect does with the variables of a service: `env_file` and `environment`."""


def interpolate(document: go_yaml.Document, options: model.Options) -> dict[str, Any]:
    """Gives the file's value with variables replaced."""
    try:
        value: dict[str, Any] = interpolation.interpolate(document.value, options.environment)
    except errors.Refusal as refusal:
        raise errors.KeyRefused(document.place_of(refusal.path), refusal.path, refusal.text) from refusal
    return value


def read(
    source: Source, schema: readers.Table, options: model.Options, resolve_environment: Resolve
) -> dict[str, model.Section]:
    """Reads a file by a schema and makes its paths absolute; raises a `KeyRefused`."""
    try:
        ports.check_number(source.value.get("services"))
        sections = {key: value for key, value in schema(source.value).items() if isinstance(value, dict)}
        for name, service in sections.get("services", {}).items():
            _resolve_service(source, name, service, options, resolve_environment)
        for section in _OBJECTS:
            for name, declared in sections.get(section, {}).items():
                _resolve_object(source, section, name, declared, options)
    except errors.Refusal as refusal:
        raise source.refused(refusal) from refusal
    return sections


def read_stack(source: Source, options: model.Options) -> dict[str, model.Section]:
    """Reads a file as `docker stack deploy` does, after a look at what its version allows."""
    try:
        # Docker looks at the version before it replaces variables.
        minor = versions.read_version(source.document.value)
        versions.check(source.value, minor)
    except errors.Refusal as refusal:
        raise source.refused(refusal) from refusal
    return read(source, stack_schema.FILE, options, _resolve_environment)


def list_ignored(source: Source, schema: readers.Table) -> Iterator[model.Notice]:
    """Lists the keys that the dialect accepts and does nothing with."""
    file = str(source.document.file)
    for path, key in readers.find_ignored(schema, source.value):
        service, rest = (str(path[1]), path[2:]) if path[0] == "services" else ("", path)
        line = source.document.line_of(path)
        yield model.Notice(file, line, service, errors.dotted(rest), f"has no effect: {key.reason}")


def locate(source: Source, path: str, options: model.Options) -> pathlib.Path:
    """Makes a path of the file absolute; refuses one that leaves the project's directory unless that is allowed."""
    located = _join(source.directory, path)
    if not options.allow_outside and not _lies_inside(located, source.root):
        text = f"must be a path inside {source.root}, unless allow_outside is set; got {errors.show(path)}."
        raise errors.Refusal(text)
    return located


def _lies_inside(path: pathlib.Path, root: pathlib.Path) -> bool:
    try:
        return path.is_relative_to(root) and path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError) as error:
        raise errors.expected("a path", str(path)) from error


def is_file(path: pathlib.Path) -> bool:
    """Tells whether a file is there; what cannot be a path is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _resolve_dots(path: pathlib.Path) -> list[str]:
    parts: list[str] = []
    for part in path.parts:
        if part != "..":
            parts.append(part)
        elif len(parts) > 1:
            parts.pop()
    return parts


def _resolve_service(
    source: Source, name: str, service: dict[str, Any], options: model.Options, resolve_environment: Resolve
) -> None:
    try:
        resolve_environment(source, service, options)
        for index, volume in enumerate(service.get("volumes", [])):
            _resolve_mount(source, index, volume, options)
        if "build" in service:
            _resolve_build(source, service["build"], options)
    except errors.Refusal as refusal:
        raise refusal.under(name).under("services") from refusal


def _resolve_environment(source: Source, service: dict[str, Any], options: model.Options) -> None:
    if "environment" not in service and "env_file" not in service:
        return
    try:
        files = [_locate_variables(source, file, options) for file in service.pop("env_file", [])]
    except errors.Refusal as refusal:
        raise refusal.under("env_file") from refusal
    variables = service.get("environment", {})
    service["environment"] = environment.resolve(files, variables, options.environment)


def _locate_variables(source: Source, path: str, options: model.Options) -> pathlib.Path:
    file = locate(source, path, options)
    if not is_file(file):
        raise errors.Refusal(f"must name files that are there; {path} is not.")
    return file


def _resolve_mount(source: Source, index: int, volume: dict[str, Any], options: model.Options) -> None:
    if volume.get("type") != "bind":
        return
    path = volume.get("source", "")
    if not path:
        raise errors.Refusal("must have a source, since its type is bind.", ("volumes", index))
    home = options.environment.get("HOME")
    if path.startswith("~") and home is not None:
        path = home + path[1:]
    # What is bound lies on the swarm's hosts: it may be anywhere, and a Windows path stays as it is.
    absolute = path.startswith(("/", "~", "\\\\")) or path[1:3] in (":\\", ":/")
    volume["source"] = path if absolute else str(_join(source.directory, path))


def _join(directory: pathlib.Path, path: str) -> pathlib.Path:
    """Joins as Go does: `..` goes away without a look at the disk."""
    return pathlib.Path(*_resolve_dots(directory / path))


def _resolve_build(source: Source, build: dict[str, Any], options: model.Options) -> None:
    context = build.get("context", ".")
    # A context may be a Git or HTTP address, which the builder fetches.
    if "://" not in context and not context.startswith("git@"):
        located = locate(source, context, options)
        build["context"] = str(located)
        locate(dataclasses.replace(source, directory=located), build.get("dockerfile", "Dockerfile"), options)


def _resolve_object(source: Source, section: str, name: str, declared: dict[str, Any], options: model.Options) -> None:
    try:
        if declared.get("external"):
            _resolve_external(section, name, declared)
        elif "file" in declared:
            _resolve_file(source, declared, options)
    except errors.Refusal as refusal:
        raise refusal.under(name).under(section) from refusal


def _resolve_external(section: str, name: str, declared: dict[str, Any]) -> None:
    external = declared["external"]
    if section == "volumes":
        for key in _NOT_WITH_EXTERNAL:
            if declared.get(key):
                raise errors.Refusal("must not be set for an external volume.", (key,))
    if isinstance(external, str) and declared.get("name"):
        raise errors.Refusal("must not be set beside external.name.", ("name",))
    declared["name"] = external if isinstance(external, str) else declared.get("name") or name
    declared["external"] = True


def _resolve_file(source: Source, declared: dict[str, Any], options: model.Options) -> None:
    try:
        if declared.get("driver"):
            raise errors.Refusal("must not be set beside a driver.")
        declared["file"] = str(locate(source, declared["file"], options))
    except errors.Refusal as refusal:
        raise refusal.under("file") from refusal

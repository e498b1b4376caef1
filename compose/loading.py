"""Loads the files of a stack in the dialect that they need."""

import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from compose import errors, go_yaml, merging, model, sections, stack_schema, versions


def load(
    files: Sequence[pathlib.Path],
    stack: str,
    *,
    environment: Mapping[str, str],
    dialect: model.Dialect | None = None,
    strict: bool = False,
    allow_outside: bool = False,
    profiles: Iterable[str] = (),
) -> model.Project:
    """Loads compose files, later ones merged over earlier ones; relative paths start at the first one's directory.

    `environment` is all that variables are taken from. Without a `dialect`, files that `docker stack deploy` takes
    and that build nothing are read as it reads them; any other is read by the Compose Specification. Under `strict`
    a key without effect is an error; `allow_outside` lets paths leave the project's directory; `profiles` are the
    active ones. Raises a `ComposeError`.
    """
    options = model.Options(environment, strict, allow_outside, frozenset(profiles))
    return load_documents(read_files(files), stack, options, dialect)


def read_files(files: Sequence[pathlib.Path]) -> list[go_yaml.Document]:
    """Reads at least one file; raises a `ComposeError`."""
    if not files:
        raise errors.ComposeError("At least one compose file must be given; got none.")
    return [go_yaml.read_file(file) for file in files]


def load_documents(
    documents: list[go_yaml.Document], stack: str, options: model.Options, dialect: model.Dialect | None
) -> model.Project:
    """Loads files that were read already."""
    if dialect is not None:
        return _LOADERS[dialect](documents, stack, options)
    if any(_builds(document) for document in documents):
        return _load_spec(documents, stack, options)
    try:
        return load_stack(documents, stack, options)
    except errors.ComposeError as refused:
        return _load_as_spec(documents, stack, options, refused)


def find_dialect(documents: list[go_yaml.Document], stack: str, options: model.Options) -> model.Dialect:
    """Finds the dialect in which files are read; of files that are refused, the one whose objection is raised."""
    try:
        return load_documents(documents, stack, options, None).dialect
    except errors.ComposeError:
        builds = any(_builds(document) for document in documents)
        return model.Dialect.SPEC if builds or not _has_version(documents) else model.Dialect.STACK


def _has_version(documents: list[go_yaml.Document]) -> bool:
    return "version" in documents[0].value


def _load_as_spec(
    documents: list[go_yaml.Document], stack: str, options: model.Options, refused: errors.ComposeError
) -> model.Project:
    try:
        return _load_spec(documents, stack, options)
    except errors.ComposeError as error:
        # A file with a version was written for docker stack deploy: its objection helps the author more.
        raise (refused if _has_version(documents) else error) from error


def _load_spec(documents: list[go_yaml.Document], stack: str, options: model.Options) -> model.Project:
    # Here and not above: a command that reads one file of the other dialect would spend a tenth of its time on it.
    from compose import spec_loading

    return spec_loading.load(documents, stack, options)


def _builds(document: go_yaml.Document) -> bool:
    services = document.value.get("services")
    if not isinstance(services, dict):
        return False
    return any(isinstance(service, dict) and "build" in service for service in services.values())


def load_stack(documents: list[go_yaml.Document], stack: str, options: model.Options) -> model.Project:
    """Loads files as `docker stack deploy` does: each on its own, then merged."""
    directory = documents[0].file.absolute().parent
    merged: dict[str, model.Section] = {}
    notices: list[model.Notice] = []
    for document in documents:
        value = sections.interpolate(document, options)
        source = sections.Source(document, value, directory, directory, options.environment)
        read = sections.read_stack(source, options)
        notices.extend(_list_losses(document, merged, read))
        merged = merging.merge_sections(merged, read)
        notices.extend(sections.list_ignored(source, stack_schema.FILE))
    _check_versions(documents)
    project = model.make_project(model.Dialect.STACK, directory, documents, stack, options, merged)
    for notice in notices:
        project.add(notice)
    return project


def _list_losses(
    document: go_yaml.Document, merged: dict[str, model.Section], read: dict[str, model.Section]
) -> Iterator[model.Notice]:
    earlier, later = merged.get("services", {}), read.get("services", {})
    for name in earlier.keys() & later.keys():
        for key, reason in merging.find_losses(earlier[name], later[name]):
            line = document.line_of(("services", name))
            yield model.Notice(str(document.file), line, name, key, f"loses something: {reason}")


def _check_versions(documents: list[go_yaml.Document]) -> None:
    first = versions.read_version(documents[0].value)
    for document in documents[1:]:
        minor = versions.read_version(document.value)
        if minor != first:
            text = f"must be 3.{first}, as in {documents[0].file}; got 3.{minor}."
            raise errors.KeyRefused(document.place_of(("version",)), ("version",), text)


_LOADERS = {model.Dialect.STACK: load_stack, model.Dialect.SPEC: _load_spec}

"""Loads files by the Compose Specification: `.env`, `include`, `extends`, profiles, several files."""

import dataclasses
import pathlib
from collections.abc import Mapping
from typing import Any

from compose import (
    dotenv,
    errors,
    go_yaml,
    model,
    sections,
    spec_folding,
    spec_interpolation,
    spec_merging,
    spec_readers,
    spec_schema,
)

_Sections = dict[str, model.Section]
# Entries of lists and mappings that services may inherit, all together.
_MOST_INHERITED = 200_000
_LONGEST_CHAIN = 100
_Chain = tuple[tuple[str, str], ...]


def load(documents: list[go_yaml.Document], stack: str, options: model.Options) -> model.Project:
    """Loads files by the Compose Specification, merged in their order.

    A `.env` file beside the first one adds variables, over which the caller's own win.
    """
    directory = documents[0].file.absolute().parent
    environment = _read_environment([directory / ".env"], options.environment)
    environment.setdefault("COMPOSE_PROJECT_NAME", stack)
    loader = _Loader(stack, directory, dataclasses.replace(options, environment=environment))
    merged = loader.load_files(documents, directory, environment, ())
    project = model.make_project(
        model.Dialect.SPEC, directory, [*loader.documents, *documents], stack, loader.options, merged
    )
    for notice in loader.notices:
        project.add(notice)
    spec_folding.fold(project)
    return project


def _read_environment(files: list[pathlib.Path], known: Mapping[str, str]) -> dict[str, str]:
    read: dict[str, str] = {}
    for file in files:
        if sections.is_file(file):
            read |= dotenv.read(file, {**read, **known})
    return {**read, **known}


class _Loader:
    """Loads the files of one project, and those that they include and extend."""

    def __init__(self, stack: str, root: pathlib.Path, options: model.Options) -> None:
        self.options = options
        self.documents: list[go_yaml.Document] = []
        self.notices: list[model.Notice] = []
        self._stack = stack
        self._root = root
        self._inherited = 0

    def load_files(
        self, documents: list[go_yaml.Document], directory: pathlib.Path, environment: Mapping[str, str], chain: _Chain
    ) -> _Sections:
        """Loads files that are merged with each other; `chain` are the inclusions that led here."""
        merged: _Sections = {}
        for document in documents:
            source = self._make_source(document, directory, environment)
            read = self._read(source)
            for mark, _ in _marks(document):
                if mark[0] in merged:
                    spec_merging.remove(merged[str(mark[0])], mark[1:])
            merged = spec_merging.merge(merged, self._extend_all(source, read, environment))
            merged = self._include_all(source, merged, environment, chain)
        return merged

    def _make_source(
        self, document: go_yaml.Document, directory: pathlib.Path, environment: Mapping[str, str]
    ) -> sections.Source:
        file = str(document.file)

        def note_unset(path: model.Path, name: str) -> None:
            service, rest = (str(path[1]), path[2:]) if path[0] == "services" else ("", path)
            reason = f"is empty where it names {name}: that variable is not set"
            self.notices.append(model.Notice(file, document.line_of(path), service, errors.dotted(rest), reason))

        try:
            value = spec_interpolation.interpolate(document.value, environment, note_unset)
        except errors.Refusal as refusal:
            raise errors.KeyRefused(document.place_of(refusal.path), refusal.path, refusal.text) from refusal
        for path, tag in _marks(document):
            if tag == "!reset":
                spec_merging.remove(value, path)
        return sections.Source(document, value, directory, self._root, environment)

    def _read(self, source: sections.Source) -> _Sections:
        read = sections.read(source, spec_schema.FILE, self.options, _locate_variables)
        self.notices.extend(sections.list_ignored(source, spec_schema.FILE))
        name = source.value.get("name", self._stack)
        if name != self._stack:
            reason = f"has no effect: the stack is called {self._stack}"
            line = source.document.line_of(("name",))
            self.notices.append(model.Notice(str(source.document.file), line, "", "name", reason))
        return {key: value for key, value in read.items() if key in model.SECTIONS}

    def _extend_all(self, source: sections.Source, read: _Sections, environment: Mapping[str, str]) -> _Sections:
        services = read.get("services", {})
        extended = {name: self._extend(source, services, name, environment, ()) for name in services}
        return {**read, **({"services": extended} if services else {})}

    def _extend(
        self,
        source: sections.Source,
        services: model.Section,
        name: str,
        environment: Mapping[str, str],
        chain: _Chain,
    ) -> dict[str, Any]:
        """Gives a service with what it inherits; what it extends may extend another one."""
        service = {key: value for key, value in services[name].items() if key != "extends"}
        if "extends" not in services[name]:
            return service
        path: model.Path = ("services", name, "extends")
        here = (str(source.document.file), name)
        if here in chain:
            raise source.refused(errors.Refusal("leads back to the service itself.", path))
        if len(chain) >= _LONGEST_CHAIN:
            raise source.refused(errors.Refusal(f"leads on over more than {_LONGEST_CHAIN} services.", path))
        base = self._find_base(source, services, path, services[name]["extends"], environment, (*chain, here))
        return self._weighed(source, path, spec_merging.merge_service(base, service))

    def _weighed(self, source: sections.Source, path: model.Path, service: dict[str, Any]) -> dict[str, Any]:
        """Gives a service that inherits, unless what all of them inherit grows out of all proportion."""
        self._inherited += sum(len(value) for value in service.values() if isinstance(value, dict | list))
        if self._inherited > _MOST_INHERITED:
            raise source.refused(errors.Refusal("makes the file grow out of all proportion.", path))
        return service

    def _find_base(
        self,
        source: sections.Source,
        services: model.Section,
        path: model.Path,
        extends: dict[str, str],
        environment: Mapping[str, str],
        chain: _Chain,
    ) -> dict[str, Any]:
        if "file" in extends:
            document = self._open(source, (*path, "file"), extends["file"])
            source_of_base = self._make_source(document, document.file.parent, environment)
            services = self._read(source_of_base).get("services", {})
        else:
            source_of_base = source
        if extends["service"] not in services:
            text = f"must name a service; {errors.show(extends['service'])} is none."
            raise source.refused(errors.Refusal(text, path))
        return self._extend(source_of_base, services, extends["service"], environment, chain)

    def _open(self, source: sections.Source, path: model.Path, file: str) -> go_yaml.Document:
        located = self._locate(source, path, file)
        if not sections.is_file(located):
            raise source.refused(errors.Refusal(f"must name a file; {file} is not there.", path))
        document = next((known for known in self.documents if known.file == located), None)
        if document is None:
            document = go_yaml.read_file(located)
            self.documents.insert(0, document)
        return document

    def _locate(self, source: sections.Source, path: model.Path, file: str) -> pathlib.Path:
        try:
            return sections.locate(source, file, self.options)
        except errors.Refusal as refusal:
            raise source.refused(errors.Refusal(refusal.text, path)) from refusal

    def _include_all(
        self, source: sections.Source, merged: _Sections, environment: Mapping[str, str], chain: _Chain
    ) -> _Sections:
        for index, entry in enumerate(spec_readers.includes(source.value.get("include") or [])):
            path: model.Path = ("include", index)
            included = self._include(source, path, entry, environment, chain)
            for section, entries in included.items():
                _check_conflicts(source, path, section, merged.get(section, {}), entries)
                merged = {**merged, section: {**entries, **merged.get(section, {})}}
        return merged

    def _include(
        self,
        source: sections.Source,
        path: model.Path,
        entry: dict[str, Any],
        environment: Mapping[str, str],
        chain: _Chain,
    ) -> _Sections:
        documents = [self._open(source, path, file) for file in entry["path"]]
        link = (str(source.document.file), str(documents[0].file))
        if link in chain:
            raise source.refused(errors.Refusal("leads back to the file itself.", path))
        if len(chain) >= _LONGEST_CHAIN:
            raise source.refused(errors.Refusal(f"leads on over more than {_LONGEST_CHAIN} files.", path))
        directory = documents[0].file.parent
        if "project_directory" in entry:
            directory = self._locate(source, (*path, "project_directory"), entry["project_directory"])
        named = [self._locate(source, (*path, "env_file"), file) for file in entry.get("env_file", [])]
        files = named if "env_file" in entry else [directory / ".env"]
        return self.load_files(documents, directory, _read_environment(files, environment), (*chain, link))


def _marks(document: go_yaml.Document) -> list[tuple[model.Path, str]]:
    return [(path, tag) for path, tag in document.marks() if tag in ("!reset", "!override") and path]


def _check_conflicts(
    source: sections.Source, path: model.Path, section: str, own: model.Section, included: model.Section
) -> None:
    for name in own.keys() & included.keys():
        if own[name] != included[name]:
            text = f"brings a second {section}.{name}, which must be declared once."
            raise source.refused(errors.Refusal(text, path))


def _locate_variables(source: sections.Source, service: dict[str, Any], options: model.Options) -> None:
    """Makes the paths of environment files absolute; they are read when all files are merged."""
    try:
        for entry in service.get("env_file", []):
            entry["path"] = str(sections.locate(source, entry["path"], options))
    except errors.Refusal as refusal:
        raise refusal.under("env_file") from refusal

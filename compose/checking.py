"""Finds everything that is refused in files, not only what is refused first.

What was refused is left out, and what remains is loaded again, until nothing is refused. A refusal that comes of
leaving something out is none of the file's.
"""

import dataclasses
import pathlib
from collections.abc import Sequence

from compose import converting, errors, go_yaml, loading, model, pruning

_MOST = 100
"""Where so many refusals were found, no more are looked for."""


@dataclasses.dataclass(frozen=True)
class Refused:
    """One refusal: the file, the line and the dotted key, where there is one, and why."""

    file: str
    line: int | None
    key: str | None
    reason: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, f"{self.key or ''} {self.reason}".strip()) if part)


def find_refused(
    files: Sequence[pathlib.Path], stack: str, options: model.Options, dialect: model.Dialect | None
) -> list[Refused]:
    """Lists what is refused, in the order in which loading and converting meet it.

    A file that is no YAML or cannot be read hides what else is refused, and one refusal hides another at the same
    place. Under `strict`, keys without effect come last, where nothing else is refused.
    """
    documents, unread = _read(files)
    if unread:
        return unread
    lenient = dataclasses.replace(options, strict=False)
    search = _Search(documents, stack, lenient, dialect or loading.find_dialect(documents, stack, lenient))
    refused = search.run()
    return refused or [_of_notice(notice) for notice in search.notices if options.strict]


def _read(files: Sequence[pathlib.Path]) -> tuple[list[go_yaml.Document], list[Refused]]:
    documents, unread = [], []
    for file in files:
        try:
            documents.append(go_yaml.read_file(file))
        except errors.FileError as error:
            unread.append(describe(error))
    return documents, unread


def describe(error: errors.ComposeError) -> Refused:
    """Gives the parts of what one error says."""
    if isinstance(error, errors.KeyRefused):
        file, _, line = error.place.rpartition(":")
        return Refused(file, int(line), error.key or None, error.text)
    if isinstance(error, errors.FileError):
        return Refused(error.file, error.line or None, None, error.sentence)
    return Refused("", None, None, str(error))


def _of_notice(notice: model.Notice) -> Refused:
    key = ".".join(part for part in ("services" if notice.service else "", notice.service, notice.key) if part)
    return Refused(notice.file, notice.line, key, f"{notice.reason}.")


class _Search:
    """Loads documents again and again, each time with less in them."""

    def __init__(
        self, documents: list[go_yaml.Document], stack: str, options: model.Options, dialect: model.Dialect
    ) -> None:
        self.notices: list[model.Notice] = []
        self._pruned = [pruning.Pruned(document) for document in documents]
        self._stack = stack
        self._options = options
        self._dialect = dialect
        # Where files are joined, an entry's number in a list is not that of the file.
        self._joined = len(documents) > 1 or any(word in documents[0].text for word in ("extends", "include"))

    def run(self) -> list[Refused]:
        """Gives the refusals in the order in which they are met."""
        found: dict[Refused, None] = {}
        for _ in range(_MOST):
            error = self._try()
            if error is None or not self._take(error, found):
                break
        return list(found)

    def _try(self) -> errors.ComposeError | None:
        documents = [pruned.document for pruned in self._pruned]
        try:
            project = loading.load_documents(documents, self._stack, self._options, self._dialect)
            self.notices = converting.convert(project).refuse_unfit().warnings
        except errors.ComposeError as error:
            return error
        return None

    def _take(self, error: errors.ComposeError, found: dict[Refused, None]) -> bool:
        """Adds a refusal to those that were found and leaves out what it refuses; gives whether that was possible."""
        if not isinstance(error, errors.KeyRefused):
            found[describe(error)] = None
            return False
        pruned = next((one for one in self._pruned if str(one.document.file) == error.place.rpartition(":")[0]), None)
        if pruned is None:
            found[describe(error)] = None
            return False
        if not pruned.is_consequence(error.path):
            path = pruned.find_original(error.path)
            line = pruned.document.line_of(path)
            found[Refused(str(pruned.document.file), line, errors.dotted(path) or None, error.text)] = None
        return self._leave_out(pruned, error.path)

    def _leave_out(self, pruned: pruning.Pruned, path: model.Path) -> bool:
        kept = pruning.until_list(path) if self._joined else path
        # What the files have in common, a version or a joined list, goes from all of them.
        if kept != path or path == ("version",):
            for other in self._pruned:
                if other is not pruned and other.document.holds(kept):
                    other.leave_out(kept)
        return pruned.leave_out(kept)

"""What the package raises. The text of every error is one sentence: file and line, key, what was expected, what came.

ComposeError
├── FileError    a file cannot be read, is not YAML, or lies where it may not lie
├── KeyRefused   a key or its value is not what the dialect takes
└── StrictError  under `strict`, a key that would have no effect

Readers below the loader do not know where they read: they raise a `Refusal`, to which every level on the way up adds
its key; the loader turns it into a `KeyRefused` with file and line.
"""

import pathlib


class ComposeError(Exception):
    """Base of the errors that loading and converting raise."""


class FileError(ComposeError):
    """A file was refused as a whole."""

    def __init__(self, file: pathlib.Path | str, sentence: str, line: int = 0) -> None:
        super().__init__(f"{file}:{line}: {sentence}" if line else f"{file}: {sentence}")
        self.file = str(file)
        self.line = line
        self.sentence = sentence


class KeyRefused(ComposeError):
    """A key was refused; `path` leads to it, `key` is the same with dots, `place` is `file:line`."""

    def __init__(self, place: str, path: tuple[str | int, ...], text: str) -> None:
        self.key = dotted(path)
        super().__init__(f"{place}: {self.key} {text}" if path else f"{place}: {text}")
        self.place = place
        self.path = path
        self.text = text


class StrictError(ComposeError):
    """A key has no effect, and the caller wants that to be an error."""


class Refusal(Exception):
    """A value was refused by a reader; `path` leads from the reader's value to the culprit."""

    def __init__(self, text: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(text)
        self.text = text
        self.path = path

    def under(self, key: str | int) -> "Refusal":
        """Gives the same refusal as seen from the value that holds this one at `key`."""
        return Refusal(self.text, (key, *self.path))


def expected(what: str, got: object) -> Refusal:
    """Makes the refusal of a value that is not `what`."""
    return Refusal(f"must be {what}; got {show(got)}.")


def show(value: object) -> str:
    """Words a value for a message: short, and as the file's author knows it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = repr(str(value)) if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def dotted(path: tuple[str | int, ...]) -> str:
    """Writes a path as `services.web.ports[0]`."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")

"""Splits command lines as the Go library google/shlex does, which is not quite what a shell does.

A backslash in double quotes always vanishes, `#` at the start of a word drops the rest of the line, and nothing is
expanded.
"""

import re

from compose import errors

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\n]+)
    | (?P<double>"(?:[^"\\]|\\.)*")
    | (?P<single>'[^']*')
    | (?P<escaped>\\.)
    | (?P<plain>[^ \t\r\n"'\\])
    """,
    re.VERBOSE | re.DOTALL,
)
_SIMPLE = re.compile(r"[^\"'\\#]*$")
_BLANKS = re.compile(r"[ \t\r\n]+")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def split(text: str) -> list[str]:
    """Gives the words of a command line; an open quote or a backslash at the end is refused."""
    if _SIMPLE.match(text):
        return [word for word in _BLANKS.split(text) if word]
    return _Splitter(text).words()


class _Splitter:
    def __init__(self, text: str) -> None:
        self._text = text
        self._words: list[str] = []
        self._word: str | None = None

    def words(self) -> list[str]:
        position = 0
        while position < len(self._text):
            if self._text[position] == "#" and self._word is None:
                position = self._end_of_line(position)
                continue
            match = _TOKEN.match(self._text, position)
            if match is None:
                raise errors.expected("a command line whose quotes are closed", self._text)
            self._take(match)
            position = match.end()
        self._finish()
        return self._words

    def _end_of_line(self, position: int) -> int:
        end = self._text.find("\n", position)
        return len(self._text) if end < 0 else end + 1

    def _take(self, match: re.Match[str]) -> None:
        if match.lastgroup == "space":
            self._finish()
            return
        text = match[0]
        if match.lastgroup == "double":
            text = _ESCAPE.sub(r"\1", text[1:-1])
        elif match.lastgroup == "single":
            text = text[1:-1]
        elif match.lastgroup == "escaped":
            text = text[1:]
        self._word = (self._word or "") + text

    def _finish(self) -> None:
        if self._word is not None:
            self._words.append(self._word)
        self._word = None

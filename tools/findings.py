"""What is wrong: a sentence, the reason behind it, and the command that mends it."""

import dataclasses

__all__ = ["Finding"]


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing that is wrong; `lines` quotes what shows it, such as a task's last output."""

    what: str
    why: str
    command: str
    lines: tuple[str, ...] = ()

"""What a component raises; Pulumi prints a `RunError` as its sentence, without a traceback.

ComponentError
└── InputError    an input is not what the component takes
"""

import pulumi

_LONGEST = 120


class ComponentError(pulumi.RunError):
    """Base of the errors that components raise."""


class InputError(ComponentError):
    """An input was refused: who refuses, which input, what is expected, what came."""

    def __init__(self, who: str, field: str, expected: str, got: object) -> None:
        super().__init__(f"{who}: {field} must be {expected}; got {show(got)}.")


def show(value: object) -> str:
    """Words a value for a message."""
    if value is None:
        return "nothing"
    if isinstance(value, pulumi.Output):
        return "an output, which a preview does not know"
    if isinstance(value, pulumi.Resource):
        return f"a {type(value).__name__}"
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."

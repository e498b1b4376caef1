"""What stands behind the Makefile: set-up scripts, and the commands that go round `pulumi`.

ToolError   a command cannot go on; its text is the one sentence that the user reads
"""

__all__ = ["ToolError"]


class ToolError(Exception):
    """A command cannot go on; the text is a complete sentence for the user."""

"""The Pulumi program: settings of the selected stack, then the platform."""

import gc
import sys

# A run lives for seconds and keeps nearly all it makes; looking for garbage costs a quarter of a second of its start.
gc.disable()

import pulumi  # noqa: E402

from stacks import platform, settings  # noqa: E402

# By this the language host knows that the user has read why, and adds nothing of its own.
_EXPLAINED = 32

try:
    platform.deploy(settings.load())
except pulumi.RunError as refusal:
    pulumi.log.error(str(refusal))
    sys.exit(_EXPLAINED)

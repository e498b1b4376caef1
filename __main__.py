"""The Pulumi program: settings of the selected stack, then the platform."""

import sys

import pulumi

from stacks import platform, settings

# By this the language host knows that the user has read why, and adds nothing of its own.
_EXPLAINED = 32

try:
    platform.deploy(settings.load())
except pulumi.RunError as refusal:
    pulumi.log.error(str(refusal))
    sys.exit(_EXPLAINED)

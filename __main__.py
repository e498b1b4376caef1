"""The Pulumi program: settings of the selected stack, then the platform."""

from stacks import platform, settings

platform.deploy(settings.load())

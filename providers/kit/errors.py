"""What a resource type raises. The text reaches the user as it is, so it is a complete sentence.

KitError
├── ResourceError          the operation failed; nothing is to be remembered beyond the old state
└── InitializationFailed   the resource exists but is not as asked for; its state is kept and the next `up` goes on
"""

from collections.abc import Sequence
from typing import Any


class KitError(Exception):
    """Base of the errors that reach the user without a traceback."""


class ResourceError(KitError):
    """An operation on a resource failed; the text is one sentence for the user."""


class InitializationFailed(KitError):
    """The resource was made, changed or found, yet is not what was asked for.

    The engine keeps `resource_id` and `outputs` in the state and runs an update at the next `up`. A read gives the
    `inputs` that it found, too; the engine then warns that the resource is unhealthy, and the refresh goes on.
    """

    def __init__(
        self,
        reason: str,
        *,
        resource_id: str,
        outputs: dict[str, Any],
        inputs: dict[str, Any] | None = None,
        secret_keys: Sequence[str] = (),
    ) -> None:
        super().__init__(reason)
        self.resource_id = resource_id
        self.outputs = outputs
        self.inputs = inputs
        # Filled in by the kit, so that the kept state has no secret in clear.
        self.secret_keys = secret_keys

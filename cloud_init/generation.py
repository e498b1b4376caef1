"""A host's generation: the short hash of all that cannot change on a running host."""

import hashlib
import json
from collections.abc import Mapping

_DIGITS = 6


def make_generation(facts: Mapping[str, object]) -> str:
    """Hashes plain facts into six hex digits.

    Only plain values may go in: a preview must know the generation, since it is part of the names of the host's
    resources. Two generations of one host clash with a chance of one in 16 million.
    """
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]

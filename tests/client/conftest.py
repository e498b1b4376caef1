"""The seeds of random files: how many from the fixed one, and the one that chance gives, which is printed."""

import os
import random

CASES = int(os.environ.get("COMPOSE_RANDOM_CASES", "2000"))
SEED = int(os.environ.get("COMPOSE_RANDOM_SEED", str(random.SystemRandom().randrange(10**6))))


def pytest_report_header() -> str:
    """Says how to run the same random files again."""
    return f"random compose files: {CASES} from the fixed seed, and COMPOSE_RANDOM_SEED={SEED}"

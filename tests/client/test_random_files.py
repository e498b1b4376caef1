"""Random files: what the real client makes of them and what we make, or that both refuse them.

`docker stack config` is the judge of loading, and what `docker stack deploy` sends to the engine that of conversion;
every valid file goes before both, every damaged one before the second.
"""

import pytest

from tests.client import conftest, random_runs
from tests.unit.compose import real_deploy

_FIXED_SEED = 20_000
_RANDOM_CASES = 100
_DAMAGED_SHARE = 10

pytestmark = pytest.mark.skipif(real_deploy.CLIENT is None, reason=real_deploy.NO_CLIENT)


def test_both_make_the_same_of_valid_files() -> None:
    seeds = range(_FIXED_SEED, _FIXED_SEED + conftest.CASES)

    assert random_runs.run(random_runs.compare_valid, seeds) == []


def test_both_make_the_same_of_damaged_files() -> None:
    seeds = range(_FIXED_SEED, _FIXED_SEED + conftest.CASES // _DAMAGED_SHARE)

    assert random_runs.run(random_runs.compare_damaged, seeds) == []


@pytest.mark.parametrize("compare", [random_runs.compare_valid, random_runs.compare_damaged])
def test_both_make_the_same_from_a_seed_of_chance(compare: random_runs.Compare) -> None:
    seeds = range(conftest.SEED, conftest.SEED + _RANDOM_CASES)

    assert random_runs.run(compare, seeds) == []

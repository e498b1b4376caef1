"""The recording of what `docker stack deploy` makes of every case, held against the client of this machine."""

import pytest

import compose
from tests.unit.compose import case_files, real_deploy, record_cases


@pytest.mark.skipif(real_deploy.CLIENT is None, reason=real_deploy.NO_CLIENT)
def test_the_recording_is_what_the_client_does_today() -> None:
    with real_deploy.EmptySwarm() as swarm:
        today = {case.name: record_cases.record(swarm, case) for case in case_files.read_cases(compose.Dialect.STACK)}

    assert today == case_files.recorded()

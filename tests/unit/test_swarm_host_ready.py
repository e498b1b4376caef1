"""HostReady on machines in memory."""

import pytest

from providers import kit
from tests.doubles import world


def test_a_ready_host_tells_its_engine() -> None:
    made = world.World("host-0").create("HostReady", {"host": "host-0"})

    assert (made.state["engineVersion"], made.state["cpus"], made.state["memoryBytes"]) == ("20.10.24", 2, 2**32)


def test_a_host_that_boots_is_waited_for() -> None:
    here = world.World("host-0")
    here.machines.all["host-0"].booted_at = 1_000_300

    made = here.create("HostReady", {"host": "host-0"})

    assert made.id == "host-0"
    assert here.told == ["waiting for SSH", "waiting for cloud-init", "waiting for Docker's engine"]


def test_a_host_that_never_answers_fails_after_the_users_own_timeout() -> None:
    here = world.World("host-0")
    here.machines.kill("host-0")

    with pytest.raises(kit.ResourceError) as caught:
        here.create("HostReady", {"host": "host-0"}, timeout=30)

    assert str(caught.value) == (
        "Waited 30 s for host 'host-0' to answer over SSH; "
        "last seen: Host 'host-0' cannot be reached over SSH: no answer."
    )


def test_a_login_from_before_the_docker_group_is_done_anew() -> None:
    here = world.World("host-0")
    here.machines.all["host-0"].docker_group_at_login = False

    assert here.create("HostReady", {"host": "host-0"}).id == "host-0"


@pytest.mark.parametrize(
    "answer",
    [
        "",
        '{"status": "disabled"}',
        # cloud-init 24: warnings are recoverable errors and no failure.
        '{"status": "done", "extended_status": "degraded done", "errors": [], "recoverable_errors": {"WARNING": []}}',
    ],
)
def test_a_host_without_failures_is_ready(answer: str) -> None:
    here = world.World("host-0")
    here.machines.all["host-0"].cloud_init = answer

    assert here.create("HostReady", {"host": "host-0"}).id == "host-0"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        # cloud-init 22.4, as Debian 12 has it.
        (
            '{"status": "error", "errors": ["(\'scripts-user\', RuntimeError(\'runparts\'))"], "detail": "x"}',
            "Cloud-init failed on host 'host-0': ('scripts-user', RuntimeError('runparts')). "
            "See /var/log/cloud-init-output.log there.",
        ),
        (
            '{"status": "error"}',
            "Cloud-init failed on host 'host-0': error. See /var/log/cloud-init-output.log there.",
        ),
        ("no json", "Cloud-init on host 'host-0' told no status but 'no json'."),
    ],
)
def test_the_hosts_own_errors_are_quoted(answer: str, told: str) -> None:
    here = world.World("host-0")
    here.machines.all["host-0"].cloud_init = answer

    with pytest.raises(kit.ResourceError) as caught:
        here.create("HostReady", {"host": "host-0"})

    assert str(caught.value) == told


def test_refresh_sees_a_host_that_is_gone() -> None:
    here = world.World("host-0")
    made = here.create("HostReady", {"host": "host-0"})
    before = here.read(made)
    here.machines.kill("host-0")

    assert before == made
    assert here.read(made) is None


def test_a_new_deadline_waits_for_nothing() -> None:
    here = world.World("host-0")
    made = here.create("HostReady", {"host": "host-0"})

    assert here.update(made, timeoutSeconds=5).state["timeoutSeconds"] == 5

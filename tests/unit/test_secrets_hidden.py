"""Values that hold a secret do not show it: what is printed of them ends up in logs and error reports."""

import pytest

import cloud_init
import compose
from arm import registrations
from compose import model
from providers import kit
from providers.swarm import ssh_hosts

_SECRET = "s3cret"
_SPECS = {"password": {"Data": _SECRET}}


@pytest.mark.parametrize(
    "value",
    [
        ssh_hosts.Way("jump", 22, "jump-0", "azureuser", _SECRET, "ssh-ed25519 AAAA"),
        cloud_init.HostKeys("web-0", _SECRET, "ssh-ed25519 AAAA", "certificate", "ssh-ed25519 OPERATOR"),
        kit.Checked({"data": _SECRET}),
        kit.Created("it", {"value": _SECRET}),
        kit.Observed("it", {"value": _SECRET}, {"data": _SECRET}),
        model.Options({"PASSWORD": _SECRET}),
        compose.Converted({}, {}, {}, _SPECS, {}, {}, {}, [], []),
        registrations.Registration(token="swarm:index:Secret", name="it", inputs={"data": _SECRET}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_secret_is_not_shown_with_the_rest(value: object) -> None:
    assert _SECRET not in repr(value)

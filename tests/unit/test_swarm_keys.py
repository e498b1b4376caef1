"""SshAuthority, HostIdentity and RandomToken."""

from typing import Any

import asyncssh
import pytest

from providers import kit
from providers.swarm import keys
from tests.doubles import virtual_time

_CONTEXT = kit.Context("it", "urn:it", 0, print, print)


def _create(type_: kit.ResourceType, inputs: dict[str, Any]) -> dict[str, Any]:
    checked = type_.check(inputs, {})
    assert checked.failures == ()
    return virtual_time.run(type_.create(_CONTEXT, checked.inputs)).outputs


def _make_identity() -> tuple[dict[str, Any], dict[str, Any]]:
    authority = _create(keys.SshAuthority(), {"comment": "dev"})
    inputs = {"name": "host-0", "principals": ["host-0"], "caPrivateKey": authority["caPrivateKey"]}
    return authority, _create(keys.HostIdentity(), inputs)


def test_an_authority_and_an_operator_have_keys_of_their_own() -> None:
    made = _create(keys.SshAuthority(), {"comment": "dev"})

    assert made["caPublicKey"].endswith(" dev-ca")
    assert made["operatorPublicKey"].endswith(" dev")
    private = asyncssh.import_private_key(made["operatorPrivateKey"])
    assert private.export_public_key().decode().strip() == made["operatorPublicKey"]


def test_a_certificate_is_signed_by_the_authority_for_the_host_without_an_end() -> None:
    authority, identity = _make_identity()

    certificate: Any = asyncssh.import_certificate(identity["certificate"])

    assert certificate.principals == ["host-0"]
    assert certificate.signing_key.public_data == asyncssh.import_public_key(authority["caPublicKey"]).public_data
    assert certificate._valid_before == 2**64 - 1


def test_a_certificate_without_principals_is_refused() -> None:
    checked = keys.HostIdentity().check({"name": "h", "principals": [], "caPrivateKey": "k"}, {})

    assert checked.failures == (kit.Failure("principals", "'principals' must hold at least one name; got none"),)


def test_a_key_of_the_authority_that_is_none_is_refused_without_showing_it() -> None:
    with pytest.raises(kit.ResourceError) as caught:
        _create(keys.HostIdentity(), {"name": "h", "principals": ["h"], "caPrivateKey": "private!"})

    assert str(caught.value) == "The value of 'caPrivateKey' is no OpenSSH private key."


def test_a_token_has_its_length_and_no_twin() -> None:
    one, other = (_create(keys.RandomToken(), {"length": 40})["value"] for _ in range(2))

    assert len(one) == len(other) == 40
    assert one != other


@pytest.mark.parametrize(("length", "count"), [(7, 1), (8, 0), (kit.UNKNOWN, 0)])
def test_a_short_token_is_refused(length: Any, count: int) -> None:
    assert len(keys.RandomToken().check({"length": length}, {}).failures) == count


def test_what_was_made_is_only_remembered() -> None:
    token, state = keys.RandomToken(), {"length": 32, "value": "x"}

    found = virtual_time.run(token.read(_CONTEXT, "it", state))
    outputs = virtual_time.run(token.update(_CONTEXT, "it", state, {"length": 32}))

    assert found == kit.Observed("it", state, {"length": 32})
    assert outputs == {"value": "x"}

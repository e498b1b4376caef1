"""Addresses as they are handed out."""

import fcntl
import pathlib
import tracemalloc

import pytest

from sandbox import addresses, store
from tests.unit.sandbox.bare_azure import ADDRESS, INTERFACE, Azure


def test_the_first_of_a_large_subnet_is_found_without_listing_all() -> None:
    subnet = store.Record("/subnets/hosts", "azure-native:network:Subnet", "rg", {"addressPrefix": "10.0.0.0/8"})

    tracemalloc.start()
    found = addresses.take_private(subnet, {"10.0.0.4"})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found == "10.0.0.5"
    assert peak < 1_000_000


def test_the_last_address_of_a_subnet_is_azures_own() -> None:
    subnet = store.Record("/subnets/hosts", "azure-native:network:Subnet", "rg", {"addressPrefix": "10.80.1.0/29"})

    assert addresses.take_private(subnet, {"10.80.1.4", "10.80.1.5"}) == "10.80.1.6"


@pytest.mark.parametrize(
    ("taker", "kind", "inputs"),
    [("take_public", "PublicIPAddress", ADDRESS), ("take_private", "NetworkInterface", INTERFACE)],
)
def test_nobody_else_changes_the_records_between_finding_an_address_and_recording_it(
    taker: str,
    kind: str,
    inputs: dict[str, object],
    network: Azure,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused: list[type[Exception]] = []

    def take(*_arguments: object) -> str:
        with open(tmp_path / "resources.lock", "a", encoding="utf-8") as lock:
            with pytest.raises(BlockingIOError) as caught:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        refused.append(caught.type)
        return "10.80.1.4"

    monkeypatch.setattr(addresses, taker, take)
    network.create(kind, inputs)

    assert refused == [BlockingIOError]

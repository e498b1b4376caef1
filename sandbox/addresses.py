"""Addresses: public ones of the sandbox's block, private ones of a subnet, as Azure hands them out."""

import ipaddress
import itertools
from collections.abc import Collection

from sandbox import arm
from sandbox.store import Record, Store

# Azure keeps the first four addresses of a subnet and the last one.
_RESERVED = 4
_FIRST_PUBLIC, _LAST_PUBLIC = 4, 254


def take_public(store: Store, block: str) -> str:
    """Finds the lowest free address of a block, given as its first three octets."""
    taken = {record.facts.get("address") for record in store.list_all()}
    for number in range(_FIRST_PUBLIC, _LAST_PUBLIC + 1):
        address = f"{block}.{number}"
        if address not in taken:
            return address
    raise arm.ArmError(400, "PublicIPCountLimitReached", "Cannot create more than 251 public IP addresses.")


def take_private(subnet: Record, taken: Collection[str]) -> str:
    """Finds the lowest free address of a subnet."""
    network = ipaddress.IPv4Network(subnet.inputs["addressPrefix"])
    for address in itertools.islice(network.hosts(), _RESERVED - 1, None):
        if str(address) not in taken:
            return str(address)
    text = f"Subnet {subnet.name} with address prefix {network} does not have enough capacity."
    raise arm.ArmError(400, "SubnetIsFull", text)

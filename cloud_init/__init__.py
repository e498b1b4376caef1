"""The user-data of hosts (cloud-init, https://cloudinit.readthedocs.io), and the generation of a host. Pure."""

from cloud_init.generation import make_generation
from cloud_init.software import Software
from cloud_init.user_data import (
    READINESS_PORT,
    HostKeys,
    container_host_facts,
    jump_host_facts,
    make_container_host,
    make_jump_host,
)

__all__ = [
    "READINESS_PORT",
    "HostKeys",
    "Software",
    "container_host_facts",
    "jump_host_facts",
    "make_container_host",
    "make_generation",
    "make_jump_host",
]

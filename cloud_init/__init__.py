"""The user-data of hosts, for cloud-init (https://cloudinit.readthedocs.io) or Ignition; a host's generation. Pure."""

from cloud_init.formats import Format, container_host_facts, make_container_host
from cloud_init.generation import make_generation
from cloud_init.software import Software
from cloud_init.user_data import READINESS_PORT, HostKeys, jump_host_facts, make_jump_host

__all__ = [
    "READINESS_PORT",
    "Format",
    "HostKeys",
    "Software",
    "container_host_facts",
    "jump_host_facts",
    "make_container_host",
    "make_generation",
    "make_jump_host",
]

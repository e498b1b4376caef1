"""What reads a host's user-data, by image: cloud-init on most, Ignition on Flatcar."""

import enum
from typing import Any

from cloud_init import ignition, user_data
from cloud_init.software import PLAIN, Software


class Format(enum.Enum):
    """A form of user-data."""

    CLOUD_CONFIG = "cloud-config"
    IGNITION = "Ignition"


_FACTS = {
    Format.CLOUD_CONFIG: user_data.container_host_facts,
    Format.IGNITION: ignition.container_host_facts,
}
_MAKE = {
    Format.CLOUD_CONFIG: user_data.make_container_host,
    Format.IGNITION: ignition.make_container_host,
}


def container_host_facts(user: str, software: Software = PLAIN, form: Format = Format.CLOUD_CONFIG) -> dict[str, Any]:
    """Gives all of a container host's user-data that is the same for every host; it goes into the generation."""
    return _FACTS[form](user, software)


def make_container_host(
    keys: user_data.HostKeys, user: str, software: Software = PLAIN, form: Format = Format.CLOUD_CONFIG
) -> str:
    """Gives the user-data of a host that runs Docker; `user` is its admin user."""
    return _MAKE[form](keys, user, software)

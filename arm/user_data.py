"""The user-data of a host without its SSH identity: a host that is given none makes keys of its own."""

import base64

import yaml

_IDENTITY = ("ssh_keys", "ssh_deletekeys", "ssh_genkeytypes")
_FIRST_LINE = "#cloud-config\n"


def without_identity(custom_data: str) -> str:
    """Gives the text of base64 user-data without what makes it secret, and different from the next host's."""
    document = yaml.safe_load(base64.b64decode(custom_data))
    shared = {key: value for key, value in document.items() if key not in _IDENTITY}
    return _FIRST_LINE + yaml.safe_dump(shared, sort_keys=True)

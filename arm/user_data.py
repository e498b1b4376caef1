"""The user-data of a host without its SSH identity: a host that is given none makes keys of its own."""

import base64
import json

import yaml

_IDENTITY = ("ssh_keys", "ssh_deletekeys", "ssh_genkeytypes")
_FIRST_LINE = "#cloud-config\n"
# Azure's agent gives the name, and the template's operator is another one.
_OWN_FILES = ("/etc/ssh/ssh_host_", "/etc/hostname")


def without_identity(custom_data: str) -> str:
    """Gives the text of base64 user-data without what makes it secret, and different from the next host's."""
    text = base64.b64decode(custom_data).decode()
    return _strip_cloud_config(text) if text.startswith(_FIRST_LINE) else _strip_ignition(text)


def _strip_cloud_config(text: str) -> str:
    document = yaml.safe_load(text)
    shared = {key: value for key, value in document.items() if key not in _IDENTITY}
    return _FIRST_LINE + yaml.safe_dump(shared, sort_keys=True)


def _strip_ignition(text: str) -> str:
    config = json.loads(text)
    for user in config["passwd"]["users"]:
        user.pop("sshAuthorizedKeys", None)
    files = config["storage"]["files"]
    config["storage"]["files"] = [one for one in files if not one["path"].startswith(_OWN_FILES)]
    return json.dumps(config, sort_keys=True)

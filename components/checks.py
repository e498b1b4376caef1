"""Checks of plain inputs; pure, and called by the policy pack too. Each gives what is expected, or None when it fits.

A value of another type than the expected one is refused like any other wrong value.
"""

import datetime
import ipaddress
import re
import shlex
import urllib.parse

_SIZE = re.compile(r"Standard_[A-Z]+\d+[A-Za-z0-9-]*(_[A-Za-z0-9]+)*")
_DOCKER_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
_HOST_NAME = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
_DNS_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_LOCATION = re.compile(r"[a-z]+[a-z0-9]*")
_NETWORK = re.compile(r"[0-9.]+/[0-9]+")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?")
_REPOSITORY = re.compile(r"[a-z0-9]+((\.|_|__|-+|/)[a-z0-9]+)*")
_REGISTRY_NAME = re.compile(r"[a-zA-Z0-9]{5,50}")
_REGISTRY_SKUS = ("Basic", "Standard", "Premium")
_MANAGERS = (1, 3, 5, 7)
_LARGEST_USER_DATA = 65_535
_PRIVATE_KEY = re.compile(r"BEGIN [A-Z ]*PRIVATE KEY")
_TOKEN = re.compile(r"SWMTKN-1-|AccountKey=")
_PATH = re.compile(r"/[!-~]*")
_PUBLIC_BITS = 8
_SMALLEST_SUBNET_BITS = 29
# Azure keeps the first four addresses of a subnet and the last one.
_AZURE_ADDRESSES = 5
# While hosts are replaced, both are there.
_GENERATIONS = 2
# Where a swarm takes its ingress network and its overlay networks from, one /24 after the other.
_OVERLAYS = ipaddress.IPv4Network("10.0.0.0/16")
# https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq: multicast, loopback, link-local, Azure's DNS.
_KEPT_BY_AZURE = [
    ipaddress.IPv4Network(one)
    for one in ("224.0.0.0/4", "255.255.255.255/32", "127.0.0.0/8", "169.254.0.0/16", "168.63.129.16/32")
]
_HIGHEST_PORT = 65_535
# SSH, swarm management, overlay networks, swarm gossip, and the readiness responder (`cloud_init.READINESS_PORT`: it
# stands here as a number since the policy pack, which asks these checks, runs without what cloud_init needs).
HOSTS_OWN_PORTS = (22, 2377, 4789, 7946, 9180)
_MOST_FAULT_DOMAINS = 3
_SMALLEST_DISK_GIB, _LARGEST_DISK_GIB = 30, 4095
LONGEST_HOST_NAME = 42
# Of a machine in a zone, each stays in that zone.
DISK_TYPES = ("StandardSSD_LRS", "Premium_LRS")
_WAYS_IN = ("jump", "bastion", "private")
# The size that Azure asks for.
_BASTION_BITS = 26
_SUBNET_ID = re.compile(
    r"/subscriptions/[0-9a-fA-F-]{36}/resourceGroups/[^/]+/providers/Microsoft\.Network/virtualNetworks/[^/]+/subnets/[^/]+"
)
# Azure takes 50 on a resource; two are the program's own.
_MOST_TAGS, _LONGEST_TAG_NAME, _LONGEST_TAG_VALUE = 48, 512, 256
_GROUP_NAME = re.compile(r"[\w.()-]{0,89}[\w()-]")
_VAULT_NAME = re.compile(r"(?!.*--)[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]")
_SECRET_NAME = re.compile(r"[a-zA-Z0-9-]{1,127}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MAIL_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LARGEST_AMOUNT = 10_000_000
_MOST_CONTACTS = 50
_SHORTEST_RETENTION, _LONGEST_RETENTION = 30, 730
_LARGEST_QUOTA_GB = 1000
_KEPT_TAG_NAMES = ("azure", "microsoft", "windows")
_TAG_NAME = re.compile(r"[^<>%&\\?/]+")


def expected_size(size: object) -> str | None:
    """Checks the name of an Azure VM size."""
    return None if _fits(_SIZE, size) else "an Azure size such as 'Standard_B2als_v2'"


def expected_host_sizes(sizes: object) -> str | None:
    """Checks a mapping of hosts to sizes."""
    fits = isinstance(sizes, dict) and all(expected_size(size) is None for size in sizes.values())
    return None if fits else "sizes by host, such as worker-2: Standard_D4s_v5"


def expected_docker_version(version: object) -> str | None:
    """Checks a version of Docker's engine; empty means the distribution's."""
    fits = version == "" or _fits(_DOCKER_VERSION, version)
    return None if fits else "a version of Docker's engine such as '28.5.1', or '' for the distribution's"


def expected_zone(zone: object) -> str | None:
    """Checks an availability zone; empty means none."""
    return None if zone in ("", "1", "2", "3") else "one of '', '1', '2', '3'"


def expected_zones(zones: object) -> str | None:
    """Checks a list of availability zones."""
    fits = isinstance(zones, list | tuple) and all(zone in ("1", "2", "3") for zone in zones)
    return None if fits else "a list of '1', '2' and '3'"


def expected_location(location: object) -> str | None:
    """Checks the name of an Azure region, in the form that Azure gives it back."""
    return None if _fits(_LOCATION, location) else "an Azure region such as 'westeurope'"


def expected_host_name(name: object, longest: int = LONGEST_HOST_NAME) -> str | None:
    """Checks a logical host name: with its generation it becomes a DNS label and a computer name."""
    fits = _fits(_HOST_NAME, name) and len(str(name)) <= longest
    return None if fits else f"lower-case letters, digits and '-', a letter first, at most {longest} characters"


def expected_dns_name(name: object) -> str | None:
    """Checks the name by which a machine that exists already is found."""
    return None if _fits(_DNS_NAME, name) else "a DNS name such as 'worker-0' or 'worker-0.example.org'"


def expected_network(prefix: object) -> str | None:
    """Checks an IPv4 network in CIDR form."""
    fits = isinstance(prefix, str) and _parse_network(prefix) is not None
    return None if fits else "an IPv4 network such as '10.80.0.0/16'"


def expected_address_space(prefix: object) -> str | None:
    """Checks that a virtual network is one that Azure takes and that the swarm's own networks do not collide with."""
    wrong = expected_network(prefix)
    if wrong is not None:
        return wrong
    network = ipaddress.IPv4Network(str(prefix))
    if not _PUBLIC_BITS <= network.prefixlen <= _SMALLEST_SUBNET_BITS:
        return f"a network from /{_PUBLIC_BITS} to /{_SMALLEST_SUBNET_BITS}"
    kept = next((one for one in _KEPT_BY_AZURE if network.overlaps(one)), None)
    if kept is not None:
        return f"outside {kept}, which Azure takes in no virtual network"
    return f"outside {_OVERLAYS}, where the swarm's overlay networks are" if network.overlaps(_OVERLAYS) else None


def expected_inside(prefix: str, outer: str) -> str | None:
    """Checks that a network lies inside another one."""
    fits = ipaddress.IPv4Network(prefix).subnet_of(ipaddress.IPv4Network(outer))
    return None if fits else f"inside {outer}"


def expected_room(prefix: str, hosts: int) -> str | None:
    """Checks that a subnet has two addresses for every host, since a changed host is a new one beside the old one.

    Azure keeps some addresses besides.
    """
    fits = ipaddress.IPv4Network(prefix).num_addresses >= _GENERATIONS * hosts + _AZURE_ADDRESSES
    kept = f"the {_AZURE_ADDRESSES} addresses Azure keeps"
    return None if fits else f"a network with room for {hosts} hosts, all twice while they are replaced, and {kept}"


def expected_way_in(way: object) -> str | None:
    """Checks how operators come to the hosts."""
    return None if way in _WAYS_IN else f"one of {', '.join(_WAYS_IN)}"


def expected_subnet_id(subnet_id: object) -> str | None:
    """Checks the id of a subnet that exists; empty means none."""
    example = "/subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/…/subnets/…"
    return None if subnet_id == "" or _fits(_SUBNET_ID, subnet_id) else f"the id of a subnet, {example}"


def expected_proxy_command(command: object, way: object) -> str | None:
    """Checks a proxy command; empty means none."""
    if command != "" and way != "private":
        return "empty where access is not private"
    if command == "":
        return None
    if not isinstance(command, str) or "%h" not in command:
        return "a command with %h for the host's name, such as 'ssh -W %h:%p gate.example.org'"
    return None if _has_words(command) else "a command in which every quote is closed, and a letter follows every '\\'"


def expected_way_into(way: object, subnet_id: object) -> str | None:
    """Checks that a way in can be made beside a subnet that exists."""
    own = subnet_id == "" or way != "bastion"
    return None if own else "jump or private with a subnet that exists: Bastion needs a subnet of its network besides"


def find_bastion_subnet(address_space: str) -> str:
    """Gives the last /26 of an address space, in which Azure Bastion stands."""
    network = ipaddress.IPv4Network(address_space)
    last = int(network.broadcast_address) + 1 - 2 ** (network.max_prefixlen - _BASTION_BITS)
    return f"{ipaddress.IPv4Address(last)}/{_BASTION_BITS}"


def expected_room_for_bastion(address_space: str, host_subnet: str) -> str | None:
    """Checks that the hosts' subnet leaves room for Azure Bastion's."""
    if ipaddress.IPv4Network(address_space).prefixlen >= _BASTION_BITS:
        return f"in an address space larger than a /{_BASTION_BITS}, the last of which Azure Bastion takes"
    taken = find_bastion_subnet(address_space)
    clear = not ipaddress.IPv4Network(host_subnet).overlaps(ipaddress.IPv4Network(taken))
    return None if clear else f"clear of {taken}, which Azure Bastion takes"


def expected_path(path: object) -> str | None:
    """Checks the path of a probe."""
    fits = isinstance(path, str) and _PATH.fullmatch(path)
    return None if fits else "a path that begins with '/', such as '/ready'"


def expected_operator_network(prefix: object) -> str | None:
    """Checks that SSH is opened to named networks only (CKV_AZURE_10): never to the whole internet."""
    wrong = expected_network(prefix)
    if wrong is not None:
        return wrong
    small = ipaddress.IPv4Network(str(prefix)).prefixlen >= _PUBLIC_BITS
    return None if small else f"a network of at most /{_PUBLIC_BITS}, never the whole internet"


def expected_published_port(port: object) -> str | None:
    """Checks a port that hosts publish."""
    fits = _is_whole(port) and 1 <= int(str(port)) <= _HIGHEST_PORT and port not in HOSTS_OWN_PORTS
    kept = ", ".join(str(one) for one in HOSTS_OWN_PORTS)
    return None if fits else f"a port from 1 to {_HIGHEST_PORT} that hosts do not need themselves ({kept})"


def expected_disk_size(gib: object) -> str | None:
    """Checks the size of an OS disk."""
    return _expected_between(gib, _SMALLEST_DISK_GIB, _LARGEST_DISK_GIB)


def expected_disk_type(kind: object) -> str | None:
    """Checks the kind of an OS disk."""
    return None if kind in DISK_TYPES else f"one of {', '.join(DISK_TYPES)}"


def expected_fault_domains(count: object) -> str | None:
    """Checks how many fault domains an availability set has."""
    return None if _is_whole(count) and 1 <= int(str(count)) <= _MOST_FAULT_DOMAINS else "1, 2 or 3"


def expected_spread(zones: object, in_a_set: bool) -> str | None:
    """Checks that hosts are spread by zones, by an availability set or by neither: Azure takes no machine with both."""
    return "none where there are zones" if in_a_set and zones else None


def expected_seconds(seconds: object) -> str | None:
    """Checks a duration."""
    return None if _is_whole(seconds) and int(str(seconds)) >= 0 else "a whole number of seconds, 0 or more"


def expected_max_unavailable(count: object) -> str | None:
    """Checks how many hosts may be leaving at the same time."""
    return None if _is_whole(count) and int(str(count)) >= 1 else "a whole number, 1 or more"


def expected_flag(flag: object) -> str | None:
    """Checks a yes or no."""
    return None if isinstance(flag, bool) else "True or False"


def expected_label(label: object) -> str | None:
    """Checks the name of a node label."""
    return None if _fits(_LABEL, label) else "letters, digits, '.', '_', '/' and '-', such as 'storage'"


def expected_repository(name: object) -> str | None:
    """Checks the name of a repository in a registry."""
    return None if _fits(_REPOSITORY, name) else "lower-case words joined by '/', '-', '_' or '.', such as 'shop/web'"


def expected_registry_sku(sku: object) -> str | None:
    """Checks the tier of a container registry."""
    return None if sku in _REGISTRY_SKUS else f"one of {', '.join(_REGISTRY_SKUS)}"


def expected_registry_name(name: object) -> str | None:
    """Checks the name of a container registry; empty means derived."""
    return None if name == "" or _fits(_REGISTRY_NAME, name) else "5 to 50 letters and digits"


def expected_manager_count(count: object) -> str | None:
    """Checks how many managers a swarm has: an even one more adds a machine to lose and no majority."""
    return None if count in _MANAGERS else "1, 3, 5 or 7"


def expected_group_name(name: object) -> str | None:
    """Checks the name of a resource group."""
    return None if _fits(_GROUP_NAME, name) else "at most 90 letters, digits and any of '._()-', no '.' last"


def expected_vault_name(name: object) -> str | None:
    """Checks the name of a key vault; empty means derived."""
    fits = name == "" or _fits(_VAULT_NAME, name)
    return None if fits else "3 to 24 letters, digits and single '-', a letter first, no '-' last"


def expected_secret_name(name: object) -> str | None:
    """Checks the name of a secret in a key vault."""
    return None if _fits(_SECRET_NAME, name) else "letters, digits and '-', such as 'registry-password'"


def expected_day(day: object) -> str | None:
    """Checks a day of the calendar."""
    return None if isinstance(day, str) and _DAY.fullmatch(day) and _is_day(day) else "a day such as '2027-11-30'"


def expected_amount(amount: object) -> str | None:
    """Checks the amount of a budget."""
    return _expected_between(amount, 1, _LARGEST_AMOUNT)


def expected_retention(days: object) -> str | None:
    """Checks how many days a workspace keeps what it takes in."""
    return _expected_between(days, _SHORTEST_RETENTION, _LONGEST_RETENTION)


def expected_daily_quota(gigabytes: object) -> str | None:
    """Checks how much a workspace takes in on a day."""
    return _expected_between(gigabytes, 1, _LARGEST_QUOTA_GB)


def expected_mail_address(address: object) -> str | None:
    """Checks an e-mail address."""
    return None if _fits(_MAIL_ADDRESS, address) else "an e-mail address such as 'team@example.org'"


def expected_contact_count(count: int) -> str | None:
    """Checks how many people a budget writes to."""
    return None if count <= _MOST_CONTACTS else f"at most {_MOST_CONTACTS} e-mail addresses"


def expected_tags(tags: object) -> str | None:
    """Checks a map of tags. Azure does not tell 'A' from 'a' in their names."""
    if not isinstance(tags, dict) or not all(isinstance(one, str) for one in (*tags, *tags.values())):
        return "a map of strings"
    if len(tags) > _MOST_TAGS or len({name.lower() for name in tags}) < len(tags):
        return f"at most {_MOST_TAGS} tags, and no two that differ in upper and lower case alone"
    if any(name.lower().startswith(_KEPT_TAG_NAMES) for name in tags):
        return "tags whose names do not begin with azure, microsoft or windows, which Azure keeps for itself"
    named = all(_fits(_TAG_NAME, name) and len(name) <= _LONGEST_TAG_NAME for name in tags)
    short = all(len(value) <= _LONGEST_TAG_VALUE for value in tags.values())
    sizes = f"at most {_LONGEST_TAG_NAME} and values of at most {_LONGEST_TAG_VALUE} characters"
    return None if named and short else f"tags with names of {sizes}, no name with any of <>%&\\?/"


def expected_user_data(text: str) -> str | None:
    """Checks a host's user-data: what Azure takes, and no secret in it but the host's own key (CKV_AZURE_45)."""
    if len(text.encode()) > _LARGEST_USER_DATA:
        return f"at most {_LARGEST_USER_DATA} bytes"
    # Ignition has files as URLs.
    plain = urllib.parse.unquote(text)
    secret = len(_PRIVATE_KEY.findall(plain)) > 1 or _TOKEN.search(plain)
    return "without join tokens, account keys and private keys other than the host's own" if secret else None


def _fits(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _has_words(command: str) -> bool:
    """Tells whether a command can be split into words, as the provider does that starts it."""
    try:
        return bool(shlex.split(command))
    except ValueError:
        return False


def _expected_between(value: object, least: int, most: int) -> str | None:
    fits = _is_whole(value) and least <= int(str(value)) <= most
    return None if fits else f"a whole number from {least} to {most}"


def _is_day(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _parse_network(prefix: str) -> ipaddress.IPv4Network | None:
    try:
        return ipaddress.IPv4Network(prefix) if _NETWORK.fullmatch(prefix) else None
    except ValueError:
        return None

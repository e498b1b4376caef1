"""The checks of plain inputs: what fits gives None, what does not gives what is expected."""

import pytest

import cloud_init
from components import checks

_NETWORK = "an IPv4 network such as '10.80.0.0/16'"
_HOST = "lower-case letters, digits and '-', a letter first, at most 42 characters"
_PORT = "a port from 1 to 65535 that hosts do not need themselves (22, 2377, 4789, 7946, 9180)"
_PROXY = "a command with %h for the host's name, such as 'ssh -W %h:%p gate.example.org'"
_WORDS = "a command in which every quote is closed, and a letter follows every '\\'"

_SOME = "a whole number, 1 or more"


@pytest.mark.parametrize("size", ["Standard_B2als_v2", "Standard_D2as_v5", "Standard_E4-2ads_v5", "Standard_F2"])
def test_a_size_of_azures_fits(size: str) -> None:
    assert checks.expected_size(size) is None


@pytest.mark.parametrize("size", ["huge", "", "standard_b2s", "Standard_", "Standard_B2als_v2 ", 2, None])
def test_any_other_size_is_refused(size: object) -> None:
    assert checks.expected_size(size) == "an Azure size such as 'Standard_B2als_v2'"


@pytest.mark.parametrize("zone", ["", "1", "2", "3"])
def test_a_zone_is_none_or_one_of_three(zone: str) -> None:
    assert checks.expected_zone(zone) is None


@pytest.mark.parametrize("zone", ["4", "0", "12", 1, None])
def test_any_other_zone_is_refused(zone: object) -> None:
    assert checks.expected_zone(zone) == "one of '', '1', '2', '3'"


@pytest.mark.parametrize("zones", [[], ["1", "3"], ("2",)])
def test_zones_are_a_list(zones: object) -> None:
    assert checks.expected_zones(zones) is None


@pytest.mark.parametrize("zones", ["12", ["4"], [1], [""], None])
def test_other_lists_of_zones_are_refused(zones: object) -> None:
    assert checks.expected_zones(zones) == "a list of '1', '2' and '3'"


@pytest.mark.parametrize("location", ["westeurope", "eastus2"])
def test_a_region_is_written_as_azure_gives_it_back(location: str) -> None:
    assert checks.expected_location(location) is None


@pytest.mark.parametrize("location", ["West Europe", "", "2us", 7, None])
def test_any_other_region_is_refused(location: object) -> None:
    assert checks.expected_location(location) == "an Azure region such as 'westeurope'"


@pytest.mark.parametrize("name", ["m", "manager-0", "a" * 42])
def test_a_host_name_is_a_dns_label_with_room_for_the_generation(name: str) -> None:
    assert checks.expected_host_name(name) is None


@pytest.mark.parametrize("name", ["", "Manager", "0a", "a-", "-a", "a_b", "a.b", "a" * 43, 5, None])
def test_any_other_host_name_is_refused(name: object) -> None:
    assert checks.expected_host_name(name) == _HOST


@pytest.mark.parametrize(
    ("name", "fits"), [("one", True), ("w-0.example.org", True), ("", False), ("a b", False), ("-a", False), (5, False)]
)
def test_a_machine_is_found_by_a_dns_name(name: object, fits: bool) -> None:
    assert (checks.expected_dns_name(name) is None) is fits


@pytest.mark.parametrize("network", ["10.80.0.0/16", "192.168.1.0/24", "203.0.113.10/32"])
def test_a_network_is_in_cidr_form(network: str) -> None:
    assert checks.expected_network(network) is None


@pytest.mark.parametrize(
    "network", ["10.80.0.1/16", "10.80.0.0", "10.80.0.0/255.255.0.0", "10.80.0.0/33", "fd00::/8", "net", 10, None]
)
def test_any_other_network_is_refused(network: object) -> None:
    assert checks.expected_network(network) == _NETWORK


@pytest.mark.parametrize("space", ["10.80.0.0/16", "172.16.0.0/12", "10.1.0.0/29", "11.0.0.0/8"])
def test_an_address_space_is_one_that_azure_takes(space: str) -> None:
    assert checks.expected_address_space(space) is None


@pytest.mark.parametrize(
    ("space", "expected"),
    [
        ("net", _NETWORK),
        ("128.0.0.0/7", "a network from /8 to /29"),
        ("10.80.0.0/30", "a network from /8 to /29"),
        ("10.0.7.0/24", "outside 10.0.0.0/16, where the swarm's overlay networks are"),
        ("10.0.0.0/8", "outside 10.0.0.0/16, where the swarm's overlay networks are"),
        ("169.254.7.0/24", "outside 169.254.0.0/16, which Azure takes in no virtual network"),
        ("127.0.0.0/8", "outside 127.0.0.0/8, which Azure takes in no virtual network"),
        ("239.1.0.0/16", "outside 224.0.0.0/4, which Azure takes in no virtual network"),
        ("255.255.255.248/29", "outside 255.255.255.255/32, which Azure takes in no virtual network"),
        ("168.63.129.0/24", "outside 168.63.129.16/32, which Azure takes in no virtual network"),
    ],
)
def test_any_other_address_space_is_refused(space: str, expected: str) -> None:
    assert checks.expected_address_space(space) == expected


@pytest.mark.parametrize(("inner", "expected"), [("10.80.1.0/24", None), ("10.81.1.0/24", "inside 10.80.0.0/16")])
def test_a_subnet_lies_inside_the_address_space(inner: str, expected: str | None) -> None:
    assert checks.expected_inside(inner, "10.80.0.0/16") == expected


@pytest.mark.parametrize(("prefix", "hosts"), [("10.80.1.0/29", 1), ("10.80.1.0/28", 5)])
def test_a_subnet_has_room_for_two_generations_of_its_hosts(prefix: str, hosts: int) -> None:
    assert checks.expected_room(prefix, hosts) is None


@pytest.mark.parametrize(("prefix", "hosts"), [("10.80.1.0/29", 2), ("10.80.1.0/28", 6)])
def test_a_subnet_without_room_for_two_generations_is_refused(prefix: str, hosts: int) -> None:
    expected = (
        f"a network with room for {hosts} hosts, all twice while they are replaced, and the 5 addresses Azure keeps"
    )
    assert checks.expected_room(prefix, hosts) == expected


@pytest.mark.parametrize(
    ("count", "expected"), [(1, None), (4, None), (0, _SOME), (-1, _SOME), (True, _SOME), ("2", _SOME), (1.5, _SOME)]
)
def test_at_least_one_host_may_be_leaving(count: object, expected: str | None) -> None:
    assert checks.expected_max_unavailable(count) == expected


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        ("203.0.113.0/24", None),
        ("10.0.0.0/8", None),
        ("0.0.0.0/0", "a network of at most /8, never the whole internet"),
        ("128.0.0.0/7", "a network of at most /8, never the whole internet"),
        ("*", _NETWORK),
    ],
)
def test_ssh_is_open_to_named_networks_only(network: str, expected: str | None) -> None:
    assert checks.expected_operator_network(network) == expected


@pytest.mark.parametrize("port", [1, 80, 443, 65535])
def test_a_published_port_is_any_that_hosts_do_not_need(port: int) -> None:
    assert checks.expected_published_port(port) is None


@pytest.mark.parametrize("port", [0, -1, 65536, 22, 2377, 4789, 7946, 9180, "80", 80.0, True, None])
def test_any_other_published_port_is_refused(port: object) -> None:
    assert checks.expected_published_port(port) == _PORT


@pytest.mark.parametrize(
    ("command", "way", "expected"),
    [
        ("", "jump", None),
        ("gate --to %h:%p 'in one word'", "private", None),
        ("gate %h", "jump", "empty where access is not private"),
        ("gate", "private", _PROXY),
        (7, "private", _PROXY),
        ("gate '%h", "private", _WORDS),
        ("gate %h \\", "private", _WORDS),
    ],
)
def test_a_proxy_command_is_one_that_can_be_started(command: object, way: str, expected: str | None) -> None:
    assert checks.expected_proxy_command(command, way) == expected


def test_the_readiness_responder_has_its_port_to_itself() -> None:
    assert cloud_init.READINESS_PORT in checks.HOSTS_OWN_PORTS


@pytest.mark.parametrize(("gib", "fits"), [(30, True), (4095, True), (29, False), (4096, False), ("64", False)])
def test_a_disk_is_as_large_as_azure_takes(gib: object, fits: bool) -> None:
    assert (checks.expected_disk_size(gib) is None) is fits


@pytest.mark.parametrize(("seconds", "fits"), [(0, True), (10, True), (-1, False), ("10", False), (1.5, False)])
def test_a_duration_is_a_whole_number_of_seconds(seconds: object, fits: bool) -> None:
    assert (checks.expected_seconds(seconds) is None) is fits


@pytest.mark.parametrize(("flag", "fits"), [(True, True), (False, True), ("true", False), (1, False), (None, False)])
def test_a_flag_is_true_or_false(flag: object, fits: bool) -> None:
    assert (checks.expected_flag(flag) is None) is fits


@pytest.mark.parametrize(("label", "fits"), [("storage", True), ("a.b/c-d_e", True), ("", False), ("a b", False)])
def test_a_label_has_no_spaces(label: str, fits: bool) -> None:
    assert (checks.expected_label(label) is None) is fits


@pytest.mark.parametrize(("name", "fits"), [("shop/web", True), ("a-b_c.d", True), ("Shop", False), ("a//b", False)])
def test_a_repository_is_in_lower_case(name: str, fits: bool) -> None:
    assert (checks.expected_repository(name) is None) is fits


@pytest.mark.parametrize(("sku", "expected"), [("Premium", None), ("premium", "one of Basic, Standard, Premium")])
def test_a_registry_has_one_of_three_tiers(sku: str, expected: str | None) -> None:
    assert checks.expected_registry_sku(sku) == expected


@pytest.mark.parametrize(
    ("name", "fits"),
    [("", True), ("abcde", True), ("a" * 50, True), ("abcd", False), ("a" * 51, False), ("a-b-c", False)],
)
def test_a_registry_name_is_letters_and_digits(name: str, fits: bool) -> None:
    assert (checks.expected_registry_name(name) is None) is fits

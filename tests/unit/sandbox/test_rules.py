"""Network security rules as a packet filter."""

import pytest

from providers import kit
from sandbox import rules

AROUND = rules.Surroundings(["10.80.0.0/16"], "10.80.1.1", way_out=True, registries={"127.70.1.6": 21006})


def make_rule(**changes: object) -> rules.Rule:
    return {
        "name": "a-rule",
        "direction": "Inbound",
        "access": "Allow",
        "protocol": "Tcp",
        "priority": 100,
        "sourceAddressPrefix": "*",
        "destinationPortRange": "80",
        **changes,
    }


def lines_of(*listed: rules.Rule, around: rules.Surroundings = AROUND) -> list[str]:
    return rules.render_filter(listed, around).splitlines()


def test_what_no_rule_opens_is_closed_to_the_internet_and_open_inside() -> None:
    lines = lines_of()

    assert "-A NSG-OUTSIDE -j DROP" in lines
    assert "-A NSG-INSIDE -j ACCEPT" in lines
    assert "-A NSG-PROBE -j ACCEPT" in lines


def test_the_bridge_itself_is_nowhere_on_azure() -> None:
    lines = lines_of(make_rule())

    assert lines.index("-A NSG -s 10.80.1.1 -j DROP") < lines.index("-A NSG -s 10.80.0.0/16 -j NSG-INSIDE")


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("Internet", ["-A NSG-OUTSIDE -p tcp -m multiport --dports 80 -j ACCEPT"]),
        ("AzureLoadBalancer", ["-A NSG-PROBE -p tcp -m multiport --dports 80 -j ACCEPT"]),
        ("VirtualNetwork", ["-A NSG-INSIDE -p tcp -m multiport --dports 80 -j ACCEPT"]),
        (
            "203.0.113.0/24",
            [
                "-A NSG-PROBE -s 203.0.113.0/24 -p tcp -m multiport --dports 80 -j ACCEPT",
                "-A NSG-INSIDE -s 203.0.113.0/24 -p tcp -m multiport --dports 80 -j ACCEPT",
                "-A NSG-OUTSIDE -s 203.0.113.0/24 -p tcp -m multiport --dports 80 -j ACCEPT",
            ],
        ),
    ],
)
def test_a_source_tells_which_packets_a_rule_is_for(source: str, wanted: list[str]) -> None:
    assert [line for line in lines_of(make_rule(sourceAddressPrefix=source)) if "--dports 80" in line] == wanted


def test_rules_stand_in_the_order_of_their_priority() -> None:
    late = make_rule(priority=200, access="Deny", destinationPortRange="22")
    early = make_rule(priority=110, destinationPortRange="22")

    lines = [line for line in lines_of(late, early) if "--dports 22" in line and "OUTSIDE" in line]

    assert [line.rsplit(" ", 1)[-1] for line in lines] == ["ACCEPT", "DROP"]


def test_a_rule_for_any_protocol_has_its_ports_in_both() -> None:
    lines = lines_of(make_rule(protocol="*", destinationPortRanges=["80", "8000-8010"]))

    assert "-A NSG-OUTSIDE -p tcp -m multiport --dports 80,8000:8010 -j ACCEPT" in lines
    assert "-A NSG-OUTSIDE -p udp -m multiport --dports 80,8000:8010 -j ACCEPT" in lines


def test_more_ports_than_one_match_takes_are_split() -> None:
    lines = lines_of(make_rule(destinationPortRanges=[str(port) for port in range(1, 18)]))

    assert "-A NSG-OUTSIDE -p tcp -m multiport --dports 16,17 -j ACCEPT" in lines


def test_without_a_nat_gateway_there_is_no_way_out_and_no_registry() -> None:
    shut = rules.Surroundings(["10.80.0.0/16"], "10.80.1.1", way_out=False, registries={"127.70.1.6": 21006})

    lines = lines_of(around=shut)

    assert "-A EGRESS -j DROP" in lines
    assert not [line for line in lines if "DNAT" in line]


def test_a_registry_is_reached_through_the_gateway() -> None:
    assert "-A REGISTRY -d 127.70.1.6 -p tcp --dport 443 -j DNAT --to-destination 10.80.1.1:21006" in lines_of()


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (
            make_rule(direction="Outbound"),
            "Security rule 'a-rule': the sandbox covers direction Inbound only; got 'Outbound'.",
        ),
        (
            make_rule(protocol="Sctp"),
            "Security rule 'a-rule': protocol must be one of Tcp, Udp, Icmp, Esp, Ah, *; got 'Sctp'.",
        ),
        (
            make_rule(sourceAddressPrefix="Storage"),
            "Security rule 'a-rule': the source must be *, an IPv4 network or a covered tag (AzureLoadBalancer, "
            "VirtualNetwork, Internet); got 'Storage'.",
        ),
        (
            make_rule(destinationAddressPrefix="10.0.0.4"),
            "Security rule 'a-rule': the sandbox covers any destination address and any source port only.",
        ),
    ],
)
def test_what_the_sandbox_cannot_show_is_refused_in_a_sentence(rule: rules.Rule, sentence: str) -> None:
    with pytest.raises(kit.ResourceError) as caught:
        rules.refuse_uncovered(rule)

    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("changes", "ports"),
    [
        ({"sourceAddressPrefix": "Internet", "destinationPortRange": "22"}, [22]),
        ({"sourceAddressPrefixes": ["203.0.113.0/24"], "destinationPortRanges": ["80", "22"]}, [22, 80]),
        ({"sourceAddressPrefix": "198.51.100.0/24"}, []),
        ({"sourceAddressPrefix": "VirtualNetwork"}, []),
        ({"protocol": "Udp"}, []),
        ({"access": "Deny"}, []),
    ],
)
def test_the_open_ports_are_those_that_the_operator_gets_through_to(
    changes: dict[str, object], ports: list[int]
) -> None:
    assert rules.open_tcp_ports([make_rule(**changes)]) == ports

"""Rules of the network: who may come in, and how hosts leave."""

from collections.abc import Iterator, Sequence

from policy import rule, security_rules

_NETWORK = "azure-native:network:"
_INTERFACE = f"{_NETWORK}NetworkInterface"
_SSH, _REMOTE_DESKTOP = 22, 3389
# Each of these next to the resource that has the same inline: every update of one takes away what the other made.
_STANDALONE = {
    f"{_NETWORK}SecurityRule": "Write the rule into the security group's securityRules.",
    f"{_NETWORK}LoadBalancerBackendAddressPool": "Write the pool into the load balancer's backendAddressPools.",
    f"{_NETWORK}InboundNatRule": "Write the rule into the load balancer's inboundNatRules.",
}


def find_open_ssh(inputs: rule.Inputs) -> Iterator[str]:
    """Finds SSH that is open to more than named networks."""
    yield from _find_open(inputs, "Tcp", _SSH, "Let SSH in from named networks only")


def find_open_remote_desktop(inputs: rule.Inputs) -> Iterator[str]:
    """Finds Remote Desktop that is open to the internet."""
    yield from _find_open(inputs, "Tcp", _REMOTE_DESKTOP, "Close port 3389")


def find_open_udp(inputs: rule.Inputs) -> Iterator[str]:
    """Finds UDP that is open to the internet."""
    for one in security_rules.list_allowed(inputs, "Udp"):
        for source in security_rules.list_public_sources(one):
            yield f"Let no UDP in from the internet: security rule '{one.get('name')}' does so from '{source}'."


def find_no_last_denial(inputs: rule.Inputs) -> Iterator[str]:
    """Finds a security group that leaves to Azure what no rule names: it lets the whole virtual network in."""
    inbound = [one for one in rule.list_of(inputs, "securityRules") if security_rules.says(one, "direction", "Inbound")]
    last: rule.Inputs = max(inbound, key=lambda one: one.get("priority", 0), default={})
    of_all = ("protocol", "sourceAddressPrefix", "destinationPortRange")
    anything = all(security_rules.says_anything(last, key) for key in of_all)
    if not security_rules.says(last, "access", "Deny") or not anything:
        yield "End the inbound rules with one that denies everything."


def find_open_subnet(inputs: rule.Inputs) -> Iterator[str]:
    """Finds a subnet without a security group."""
    if not rule.look_up(inputs, "networkSecurityGroup.id"):
        yield "Give the subnet a networkSecurityGroup."


def find_default_outbound(inputs: rule.Inputs) -> Iterator[str]:
    """Finds a subnet whose hosts leave by an address that Azure picks and may change."""
    if inputs.get("defaultOutboundAccess") is not False:
        yield "Set defaultOutboundAccess to false, and give the subnet a NAT gateway."


def find_inline_subnets(inputs: rule.Inputs) -> Iterator[str]:
    """Finds subnets that are given inline: even an empty list deletes those that are resources of their own."""
    if "subnets" in inputs:
        yield "Leave `subnets` out of the virtual network, and declare each as a Subnet."


def find_retired_address(inputs: rule.Inputs) -> Iterator[str]:
    """Finds a public address of a kind that Azure has retired."""
    if rule.look_up(inputs, "sku.name") != "Standard" or inputs.get("publicIPAllocationMethod") != "Static":
        yield "Make the address Standard and Static: Azure retired the others in September 2025."


def find_retired_balancer(inputs: rule.Inputs) -> Iterator[str]:
    """Finds a load balancer of a kind that Azure has retired."""
    if rule.look_up(inputs, "sku.name") != "Standard":
        yield "Make the load balancer Standard: Azure retired Basic in September 2025."


def find_rule_without_probe(inputs: rule.Inputs) -> Iterator[str]:
    """Finds a load balancing rule that sends to hosts that do not answer, or takes ports from their way out."""
    for one in rule.list_of(inputs, "loadBalancingRules"):
        if not rule.look_up(one, "probe.id"):
            yield f"Give load balancing rule '{one.get('name')}' a probe."
        if one.get("disableOutboundSnat") is not True:
            yield f"Set disableOutboundSnat of load balancing rule '{one.get('name')}': hosts leave by the NAT gateway."


def find_forwarding(inputs: rule.Inputs) -> Iterator[str]:
    """Finds an interface that forwards what is not meant for it."""
    if inputs.get("enableIPForwarding"):
        yield "Turn enableIPForwarding off: no Docker network needs it."


def find_ways_in(resources: Sequence[rule.Resource]) -> Iterator[str]:
    """Finds a second interface with a public address: one jump host is the one way in."""
    public = sorted(one.name for one in resources if one.token == _INTERFACE and _has_public_address(one.inputs))
    if len(public) > 1:
        yield f"Leave one interface with a public address, the jump host's; there are {', '.join(public)}."


def find_open_interfaces(resources: Sequence[rule.Resource]) -> Iterator[str]:
    """Finds an interface that no security group guards: none of its own, nor that of a subnet made here."""
    subnets = [one.inputs for one in resources if one.token == f"{_NETWORK}Subnet"]
    guarded = {one.get("subnetName") for one in subnets if rule.look_up(one, "networkSecurityGroup.id")}
    for one in resources:
        if one.token == _INTERFACE and not rule.look_up(one.inputs, "networkSecurityGroup.id"):
            names = {str(found).rpartition("/")[2] for found in _list_subnet_ids(one.inputs)}
            if names - guarded:
                yield f"Give interface '{one.name}' a networkSecurityGroup: its subnet is not made here."


def _list_subnet_ids(inputs: rule.Inputs) -> list[str]:
    ids = [str(rule.look_up(one, "subnet.id")) for one in rule.list_of(inputs, "ipConfigurations")]
    # What is not known yet in a preview has another form.
    return [one for one in ids if one.startswith("/")]


def find_standalone_parts(resources: Sequence[rule.Resource]) -> Iterator[str]:
    """Finds resources that fight with the one they are a part of."""
    for one in resources:
        if one.token in _STANDALONE:
            yield f"{_STANDALONE[one.token]} '{one.name}' is a resource of its own."


def _find_open(inputs: rule.Inputs, protocol: str, port: int, advice: str) -> Iterator[str]:
    for one in security_rules.list_allowed(inputs, protocol):
        if security_rules.has_port(one, port):
            for source in security_rules.list_public_sources(one):
                yield f"{advice}: security rule '{one.get('name')}' lets in '{source}'."


def _has_public_address(inputs: rule.Inputs) -> bool:
    return any("publicIPAddress" in one for one in rule.list_of(inputs, "ipConfigurations"))


RULES = (
    rule.Rule(
        "ssh-from-named-networks",
        "SSH is open to named networks of at most /8, never to the internet (CKV_AZURE_10).",
        (f"{_NETWORK}NetworkSecurityGroup",),
        find_open_ssh,
    ),
    rule.Rule(
        "no-remote-desktop",
        "Remote Desktop is not open to the internet (CKV_AZURE_9).",
        (f"{_NETWORK}NetworkSecurityGroup",),
        find_open_remote_desktop,
    ),
    rule.Rule(
        "no-udp-from-the-internet",
        "UDP is not open to the internet, where senders can be forged (CKV_AZURE_77).",
        (f"{_NETWORK}NetworkSecurityGroup",),
        find_open_udp,
    ),
    rule.Rule(
        "closed-by-default",
        "The last inbound rule denies everything: Azure's own default lets the whole virtual network in.",
        (f"{_NETWORK}NetworkSecurityGroup",),
        find_no_last_denial,
    ),
    rule.Rule(
        "subnet-has-a-security-group",
        "Every subnet has a security group (CKV2_AZURE_31).",
        (f"{_NETWORK}Subnet",),
        find_open_subnet,
    ),
    rule.Rule(
        "no-default-outbound-access",
        "Hosts leave by an address of ours, not by one that Azure picks and retires.",
        (f"{_NETWORK}Subnet",),
        find_default_outbound,
    ),
    rule.Rule(
        "subnets-of-their-own",
        "Subnets are resources of their own: given inline as well, they delete each other.",
        (f"{_NETWORK}VirtualNetwork",),
        find_inline_subnets,
    ),
    rule.Rule(
        "standard-addresses",
        "Public addresses are Standard and static; Basic ones are retired.",
        (f"{_NETWORK}PublicIPAddress",),
        find_retired_address,
    ),
    rule.Rule(
        "standard-load-balancers",
        "Load balancers are Standard; Basic ones are retired.",
        (f"{_NETWORK}LoadBalancer",),
        find_retired_balancer,
    ),
    rule.Rule(
        "rules-with-probes",
        "Every load balancing rule asks hosts whether they are ready, and leaves their way out alone.",
        (f"{_NETWORK}LoadBalancer",),
        find_rule_without_probe,
    ),
    rule.Rule(
        "no-ip-forwarding",
        "Interfaces do not forward (CKV_AZURE_118).",
        (_INTERFACE,),
        find_forwarding,
    ),
)
STACK_RULES = (
    rule.StackRule(
        "one-way-in",
        "At most one interface has a public address, the jump host's (CKV_AZURE_119).",
        find_ways_in,
    ),
    rule.StackRule(
        "interfaces-behind-a-security-group",
        "Every interface has a security group, its own or that of a subnet made here (MCSB NS-1).",
        find_open_interfaces,
    ),
    rule.StackRule(
        "parts-in-their-whole",
        "Security rules and pools stand in their group and load balancer, or they erase each other.",
        find_standalone_parts,
    ),
)

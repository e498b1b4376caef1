"""All rules."""

from policy import machine_rules, network_rules, service_rules, vault_rules

# The stacks in which a breach is told and does not fail.
ADVISORY_STACKS = ("dev",)
RULES = (*network_rules.RULES, *machine_rules.RULES, *service_rules.RULES, *vault_rules.RULES)
STACK_RULES = network_rules.STACK_RULES

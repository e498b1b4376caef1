"""All rules."""

from policy import machine_rules, network_rules, service_rules, vault_rules

RULES = (*network_rules.RULES, *machine_rules.RULES, *service_rules.RULES, *vault_rules.RULES)
STACK_RULES = network_rules.STACK_RULES

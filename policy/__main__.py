"""The pack, as `pulumi up --policy-pack policy` starts it: mandatory, unless a config file says otherwise."""

import pathlib
import sys

import pulumi_policy

# Pulumi runs this folder alone; the rules call the checks of the components beside it.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from policy import pack, rules

pulumi_policy.PolicyPack(
    name="azure-swarm",
    enforcement_level=pulumi_policy.EnforcementLevel.MANDATORY,
    policies=[
        *(pack.make_policy(one) for one in rules.RULES),
        *(pack.make_stack_policy(one) for one in rules.STACK_RULES),
    ],
)

"""The pack, as `pulumi up --policy-pack policy` starts it: mandatory but in dev, or as a config file says."""

import os
import pathlib
import sys

import pulumi_policy

# Pulumi runs this folder alone; the rules call the checks of the components beside it.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from policy import pack, rules

_LEVELS = pulumi_policy.EnforcementLevel
# Pulumi's engine tells a pack the name of the stack.
_IS_ADVISORY = os.environ.get("PULUMI_STACK") in rules.ADVISORY_STACKS

pulumi_policy.PolicyPack(
    name="azure-swarm",
    enforcement_level=_LEVELS.ADVISORY if _IS_ADVISORY else _LEVELS.MANDATORY,
    policies=[
        *(pack.make_policy(one) for one in rules.RULES),
        *(pack.make_stack_policy(one) for one in rules.STACK_RULES),
    ],
)

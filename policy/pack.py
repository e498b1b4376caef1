"""Makes CrossGuard policies of rules; needs the package pulumi-policy."""

from collections.abc import Callable
from typing import Any

import pulumi_policy

from policy import rule

_Report = Callable[..., None]


def make_policy(given: rule.Rule) -> pulumi_policy.ResourceValidationPolicy:
    """Makes the policy that asks a rule about every resource of its types."""

    def validate(args: pulumi_policy.ResourceValidationArgs, report: _Report) -> None:
        if args.resource_type in given.tokens:
            for sentence in given.find(args.props):
                report(sentence)

    return pulumi_policy.ResourceValidationPolicy(given.name, given.description, validate)


def make_stack_policy(given: rule.StackRule) -> pulumi_policy.StackValidationPolicy:
    """Makes the policy that asks a rule about all resources of a stack."""

    def validate(args: pulumi_policy.StackValidationArgs, report: _Report) -> None:
        for sentence in given.find([_read(one) for one in args.resources]):
            report(sentence)

    return pulumi_policy.StackValidationPolicy(given.name, given.description, validate)


def _read(one: Any) -> rule.Resource:
    return rule.Resource(one.resource_type, one.name, one.props)

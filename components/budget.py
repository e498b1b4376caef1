"""A budget for a resource group: who is written to when the month costs more than was meant."""

import datetime
from collections.abc import Sequence
from typing import Any, TypedDict

import pulumi
import pulumi_azure_native.consumption as consumption

from components import checks, inputs, network

# Of the month's amount: what is spent, and what Azure expects to be spent by the end of the month.
_SPENT_PERCENT, _FORECAST_PERCENT = 80, 100


class BudgetArgs(TypedDict):
    """What a `Budget` takes."""

    network: "network.ClusterNetwork"
    """The network whose resource group is watched."""
    monthly_amount: int
    """The amount a month, in the currency in which the subscription is billed."""
    contacts: Sequence[str]
    """The e-mail addresses that are written to; at least one, at most 50."""
    start: datetime.date
    """The first day of a month. Azure takes the current month when the budget is made, and never another one after."""


class Budget(pulumi.ComponentResource):
    """The budget; it stops nothing, it writes to people."""

    def __init__(self, name: str, args: BudgetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(f"Budget '{name}'", args)
        super().__init__("azure-swarm:components:Budget", name, {"monthlyAmount": args["monthly_amount"]}, opts)
        group = args["network"].place.resource_group
        contacts = list(args["contacts"])
        consumption.Budget(
            name,
            budget_name=name,
            scope=args["network"].group_id,
            amount=args["monthly_amount"],
            category="Cost",
            time_grain="Monthly",
            time_period={"start_date": f"{args['start'].isoformat()}T00:00:00Z"},
            notifications={
                "spent": _make_notification("Actual", _SPENT_PERCENT, contacts),
                "forecast": _make_notification("Forecasted", _FORECAST_PERCENT, contacts),
            },
            # The first month stays what it was: without this every month would bring a change that Azure refuses.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[group], ignore_changes=["timePeriod"]),
        )
        self.register_outputs({})


def _make_notification(kind: str, percent: int, contacts: list[str]) -> dict[str, Any]:
    return {
        "enabled": True,
        "operator": "GreaterThan",
        "threshold": percent,
        "threshold_type": kind,
        "contact_emails": contacts,
    }


def _check(who: str, args: BudgetArgs) -> None:
    inputs.check_keys(who, args, BudgetArgs)
    inputs.check_kind(who, "network", args["network"], network.ClusterNetwork, "a ClusterNetwork")
    amount, contacts = args["monthly_amount"], inputs.check_list(who, "contacts", args["contacts"], "addresses")
    inputs.refuse(who, "monthly_amount", amount, checks.expected_amount(amount))
    inputs.refuse(who, "contacts", contacts, None if contacts else "at least one e-mail address")
    inputs.refuse(who, "contacts", contacts, checks.expected_contact_count(len(contacts)))
    for one in contacts:
        inputs.refuse(who, "contacts", one, checks.expected_mail_address(one))
    first = isinstance(args["start"], datetime.date) and args["start"].day == 1
    inputs.refuse(who, "start", args["start"], None if first else "the first day of a month")

"""Budgets: state only, since nothing here costs anything and nobody is written to."""

import datetime

from providers import kit
from providers.kit.resource import Plain
from sandbox import arm, scoped
from sandbox.store import Record


class Budget(scoped.ScopedType):
    """A budget."""

    token = "azure-native:consumption:Budget"
    description = "A budget; without effect here."
    path = "/providers/Microsoft.Consumption/budgets/{budgetName}"
    inputs = {
        "scope": arm.string("The id of what is watched.", required=True, replaces=True),
        "budgetName": arm.string("The name.", required=True, replaces=True),
        "amount": kit.Property("number", "The amount.", required=True),
        "category": arm.string("Cost.", required=True),
        "timeGrain": arm.string("Monthly.", required=True),
        "timePeriod": kit.Property("object", "startDate, the first of a month.", required=True),
        "notifications": kit.Property("object", "Who is written to at which threshold."),
    }
    only = {"category": "Cost", "timeGrain": "Monthly"}

    def decide(self, record: Record, inputs: Plain, old: Record | None) -> Plain:
        """Checks the first month: that of the day when the budget is made, and none other after."""
        start = inputs["timePeriod"]["startDate"]
        month = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-01")
        fits = start[:10] == month if old is None else start == old.inputs["timePeriod"]["startDate"]
        if not fits:
            text = f"Start date must be the first of this month, and does not change; got {start}."
            raise arm.ArmError(400, "400", text)
        return super().decide(record, inputs, old)

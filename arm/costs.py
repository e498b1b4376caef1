"""What an environment costs a month while nobody uses it: traffic and storage of images come on top."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from arm import registrations, resource_types

_HOURS_A_DAY = 24
_NETWORK = "azure-native:network:"


class PriceError(Exception):
    """A price that is not in the table."""

    def __init__(self, what: str) -> None:
        super().__init__(f"docs/prices.yaml must have a price of {what}; it has none.")


@dataclasses.dataclass(frozen=True)
class Cost:
    """What is paid for, how many of it, and the price of all of them in a month."""

    what: str
    count: int
    month: float


def list_costs(recorded: Iterable[registrations.Registration], prices: Mapping[str, Any]) -> list[Cost]:
    """Lists the costs by what is paid for. Raises `PriceError` for a size that has no price."""
    found: dict[str, list[float]] = {}
    for one in registrations.list_of_azure(recorded):
        for what, month in _PRICED.get(one.token, _nothing)(one.inputs, prices):
            found.setdefault(what, []).append(month)
    return [Cost(what, len(months), sum(months)) for what, months in sorted(found.items())]


def print_table(stacks: Mapping[str, Iterable[Cost]], currency: str) -> str:
    """Gives a table in Markdown, one column an environment: the price a month, and how many in brackets."""
    found = {stack: {one.what: one for one in listed} for stack, listed in stacks.items()}
    kinds = sorted({what for costs in found.values() for what in costs})
    rows = [[what, *(_make_cell(costs.get(what)) for costs in found.values())] for what in kinds]
    totals = [f"{sum(one.month for one in costs.values()):.0f}" for costs in found.values()]
    head = [[f"{currency} a month", *found], ["---", *("--:" for _ in found)]]
    return "".join(f"| {' | '.join(row)} |\n" for row in [*head, *rows, ["all", *totals]])


def _make_cell(cost: Cost | None) -> str:
    return f"{cost.month:.2f} ({cost.count})" if cost else ""


_DISKS = {"Premium_LRS": "Premium SSD", "StandardSSD_LRS": "Standard SSD"}
_Priced = list[tuple[str, float]]


def _machine(inputs: Mapping[str, Any], prices: Mapping[str, Any]) -> _Priced:
    disk = inputs["storageProfile"]["osDisk"]
    kind, gib = _DISKS[disk["managedDisk"]["storageAccountType"]], disk["diskSizeGB"]
    months = prices["perMonth"][kind]
    sizes = [one for one in sorted(months) if one >= gib]
    if not sizes:
        raise PriceError(f"a disk of {gib} GiB")
    machine = _hourly(inputs["hardwareProfile"]["vmSize"])(inputs, prices)
    return [*machine, (f"{kind} of {sizes[0]} GiB", months[sizes[0]])]


def _hourly(what: str) -> Callable[[Mapping[str, Any], Mapping[str, Any]], _Priced]:
    def price(inputs: Mapping[str, Any], prices: Mapping[str, Any]) -> _Priced:
        if what not in prices["perHour"]:
            raise PriceError(f"{what} an hour")
        return [(what, prices["perHour"][what] * prices["hoursPerMonth"])]

    return price


def _registry(inputs: Mapping[str, Any], prices: Mapping[str, Any]) -> _Priced:
    sku = inputs["sku"]["name"]
    return [(f"{sku} container registry", prices["perMonth"][sku])]


def _workspace(inputs: Mapping[str, Any], prices: Mapping[str, Any]) -> _Priced:
    """Counts the most that it can cost: what comes after the day's cap is lost."""
    cap, days = inputs["workspaceCapping"]["dailyQuotaGb"], prices["hoursPerMonth"] / _HOURS_A_DAY
    return [(f"Log Analytics of {cap} GB a day, its cap", cap * days * prices["perGigabyte"]["Log Analytics"])]


def _nothing(inputs: Mapping[str, Any], prices: Mapping[str, Any]) -> _Priced:
    return []


_PRICED = {
    resource_types.MACHINE: _machine,
    f"{_NETWORK}PublicIPAddress": _hourly("public address"),
    f"{_NETWORK}NatGateway": _hourly("NAT gateway"),
    f"{_NETWORK}LoadBalancer": _hourly("load balancer"),
    f"{_NETWORK}BastionHost": _hourly("Azure Bastion, Standard"),
    "azure-native:containerregistry:Registry": _registry,
    "azure-native:operationalinsights:Workspace": _workspace,
}

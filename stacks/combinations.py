"""What settings must be together, each refusal with its key."""

import datetime
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from components import checks, images, networks, sizes

if TYPE_CHECKING:
    from stacks import settings


class Refusal(NamedTuple):
    """A setting that does not fit the others: its key, what is expected, what came."""

    key: str
    expected: str
    got: object


def list_refusals(chosen: "settings.Settings", today: datetime.date) -> Iterator[Refusal]:
    """Lists what does not fit."""
    return itertools.chain(
        _list_of_operators(chosen), _list_of_sizes(chosen), _list_of_key_vault(chosen, today), _list_of_budget(chosen)
    )


def _list_of_operators(chosen: "settings.Settings") -> Iterator[Refusal]:
    given = chosen.operator_networks
    if not given:
        yield Refusal("operatorNetworks", "a list of at least one network", [])
    read = networks.expected_public_network(given) if chosen.key_vault else None
    for expected in (networks.expected_apart(given), read):
        if expected is not None:
            yield Refusal("operatorNetworks", expected, list(given))


def _list_of_sizes(chosen: "settings.Settings") -> Iterator[Refusal]:
    for key, size in _list_sizes(chosen):
        image = chosen.jump_image if key == "jumpSize" else chosen.host_image
        for expected in (images.expected_size(size, image), sizes.expected_size(size, chosen.host_disk_type)):
            if expected is not None:
                yield Refusal(key, expected, size)


def _list_sizes(chosen: "settings.Settings") -> Iterator[tuple[str, str]]:
    """Lists the sizes that a machine has or may get, by key."""
    managers = ("manager", chosen.managers, chosen.manager_size, chosen.manager_fallback_sizes)
    workers = ("worker", chosen.workers, chosen.worker_size, chosen.worker_fallback_sizes)
    for role, count, size, others in (managers, workers):
        if count:
            yield f"{role}Size", size
            yield from ((f"{role}FallbackSizes[{index}]", other) for index, other in enumerate(others))
    yield from ((f"hostSizes.{name}", size) for name, size in chosen.host_sizes.items())
    yield "jumpSize", chosen.jump_size


def _list_of_key_vault(chosen: "settings.Settings", today: datetime.date) -> Iterator[Refusal]:
    if chosen.secret_expiry is None:
        if chosen.key_vault:
            yield Refusal("secretExpiry", "a day such as '2027-11-30' where keyVault is true", "")
        return
    given = str(chosen.secret_expiry)
    if not chosen.key_vault:
        yield Refusal("secretExpiry", "'' where keyVault is false", given)
    elif chosen.secret_expiry <= today:
        # Azure takes it, and the secrets are dead at once.
        expected = f"a day after {today}, since the secrets in the key vault say that they end on it"
        yield Refusal("secretExpiry", expected, given)


def _list_of_budget(chosen: "settings.Settings") -> Iterator[Refusal]:
    amount, contacts = chosen.monthly_budget, list(chosen.budget_contacts)
    expected = checks.expected_amount(amount)
    if amount != 0 and expected is not None:
        yield Refusal("monthlyBudget", f"0 for none, or {expected}", amount)
    if amount > 0 and not contacts:
        yield Refusal("budgetContacts", "at least one e-mail address where monthlyBudget is not 0", [])
    if contacts and not amount:
        yield Refusal("budgetContacts", "[] where monthlyBudget is 0", contacts)
    expected = checks.expected_contact_count(len(contacts))
    if expected is not None:
        yield Refusal("budgetContacts", expected, contacts)

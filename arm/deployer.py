"""What of a record is of the one who recorded it, and in a template of the one who deploys it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from arm import expressions, registrations

NETWORKS = "operatorNetworks"
VAULT_NETWORKS = "vaultNetworks"
BUDGET_START = "budgetStart"
_NETWORKS = expressions.get_parameter(NETWORKS)
_SECURITY_GROUP = "azure-native:network:NetworkSecurityGroup"
_VAULT = "azure-native:keyvault:Vault"
_BUDGET = "azure-native:consumption:Budget"
# With Azure Bastion operators come to it by HTTPS, and SSH comes from its subnet alone.
_BASTION_RULE, _SSH_RULE = "operator-https", "operator-ssh"
# Names that are unique in all of Azure, by what one begins with: whoever deploys second would be refused.
_GLOBAL = {"azure-native:containerregistry:Registry": "cr", _VAULT: "kv"}
_MONTH = (
    "The first day of the budget's first month. Give the one that the budget has when you deploy again in another "
    "month: Azure refuses to change it."
)
_Body = dict[str, Any]


def make_parameters(found: Iterable[registrations.Registration]) -> dict[str, Any]:
    """Gives the parameters of what only the deployer knows."""
    tokens = {one.token for one in found}
    networks = "The networks from which operators are let in, such as 198.51.100.7/32."
    of_vault = "The networks from which secrets are read; a key vault refuses private ones."
    made = {
        NETWORKS: (_SECURITY_GROUP, expressions.declare(networks, kind="array")),
        VAULT_NETWORKS: (_VAULT, expressions.declare(of_vault, f"[{_NETWORKS}]", "array")),
        # Azure takes no budget that begins before this month.
        BUDGET_START: (_BUDGET, expressions.declare(_MONTH, "[utcNow('yyyy-MM-01')]")),
    }
    return {name: parameter for name, (token, parameter) in made.items() if token in tokens}


def make_unique_name(one: registrations.Registration) -> str | None:
    """Gives the default of a name that no two groups may share; None for one that is unique in its group."""
    unique = f"uniqueString(resourceGroup().id, '{one.name}')"
    return f"[format('{_GLOBAL[one.token]}{{0}}', {unique})]" if one.token in _GLOBAL else None


def find_operator_rule(found: Iterable[registrations.Registration]) -> str:
    """Finds the rule by which operators come in."""
    groups = (one.inputs["securityRules"] for one in found if one.token == _SECURITY_GROUP)
    names = {rule["name"] for rules in groups for rule in rules}
    return _BASTION_RULE if _BASTION_RULE in names else _SSH_RULE


def adapt(token: str, body: _Body, operator_rule: str) -> _Body:
    """Puts parameters in place of what is the recorder's own in a converted body."""
    change = _CHANGES.get(token)
    return {**body, "properties": change(body["properties"], operator_rule)} if change else body


def _let_operators_in(properties: _Body, operator_rule: str) -> _Body:
    rules = [_open(one) if one["name"] == operator_rule else one for one in properties["securityRules"]]
    return {**properties, "securityRules": rules}


def _open(rule: Mapping[str, Any]) -> _Body:
    kept = {key: value for key, value in rule["properties"].items() if not key.startswith("sourceAddressPrefix")}
    return {**rule, "properties": {**kept, "sourceAddressPrefixes": f"[{_NETWORKS}]"}}


def _let_readers_in(properties: _Body, _: str) -> _Body:
    rule = "lambda('one', createObject('value', lambdaVariables('one')))"
    rules = f"[map({expressions.get_parameter(VAULT_NETWORKS)}, {rule})]"
    return {**properties, "networkAcls": {**properties["networkAcls"], "ipRules": rules}}


def _begin_now(properties: _Body, _: str) -> _Body:
    return {**properties, "timePeriod": {"startDate": f"[{expressions.get_parameter(BUDGET_START)}]"}}


_CHANGES: Mapping[str, Callable[[_Body, str], _Body]] = {
    _SECURITY_GROUP: _let_operators_in,
    _VAULT: _let_readers_in,
    _BUDGET: _begin_now,
}

"""Values of a body as a template has them: ids, names and secrets become expressions."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from arm import identifiers, registrations, resource_types

LOCATION = "location"
OPERATOR_KEY = "operatorPublicKey"
VAULT_SECRET = "azure-native:keyvault:Secret"


def make_parameter_name(name: str, ending: str) -> str:
    """Joins the words of a name: manager-0-nic with ending Name gives manager0NicName."""
    first, *others = re.split(r"[^a-zA-Z0-9]+", name)
    return first + "".join(word[:1].upper() + word[1:] for word in others) + ending


def get_parameter(name: str) -> str:
    """Gives the call of a parameter."""
    return f"parameters('{name}')"


def declare(description: str, default: Any = None, kind: str = "string") -> dict[str, Any]:
    """Gives the declaration of a parameter; without a default it must be given."""
    given = {} if default is None else {"defaultValue": default}
    return {"type": kind, **given, "metadata": {"description": description}}


def escape(text: str) -> str:
    """Keeps a text that begins as an expression from being one."""
    return f"[{text}" if text.startswith("[") else text


class Names:
    """The parameters that hold the names of a template's resources."""

    def __init__(self, found: Iterable[registrations.Registration]) -> None:
        """Every resource has one, called after its logical name."""
        listed = list(found)
        self._parameters = {_parse(one): make_parameter_name(one.name, "Name") for one in listed}
        groups = {one.inputs["resourceGroupName"] for one in listed if "resourceGroupName" in one.inputs}
        self._places = tuple(f"{identifiers.make_group_id(group)}/" for group in sorted(groups))

    def get_parameter(self, one: registrations.Registration) -> str:
        """Gives the name of the parameter that holds a resource's own name."""
        return self._parameters[_parse(one)]

    def make_words(self, kind: str, names: Sequence[str]) -> list[str]:
        """Gives the names in an id: calls of parameters, and texts for the parts of a resource."""
        types = kind.split("/")
        places = (("/".join(types[: end + 1]), tuple(names[:end])) for end in range(1, len(names) + 1))
        found = (self._parameters.get(place) for place in places)
        return [get_parameter(one) if one else f"'{name}'" for one, name in zip(found, names, strict=True)]

    def make_reference(self, text: str) -> str | None:
        """Gives the call that makes an id; None for what is no id, or that of something in another group."""
        known = identifiers.parse_id(text)
        if known is None or not text.startswith(self._places):
            return None
        kind, names = known
        words = [f"'{kind}'", *self.make_words(kind, names)]
        return f"resourceId({', '.join(words)})"

    def make_own_reference(self, one: registrations.Registration) -> str:
        """Gives the call that makes a resource's own id."""
        known = resource_types.TYPES[one.token]
        if not known.scope:
            return str(self.make_reference(_get_id(one)))
        scope = self.make_reference(one.inputs[known.scope]) or "resourceGroup().id"
        return f"extensionResourceId({scope}, '{known.arm_type}', {get_parameter(self.get_parameter(one))})"

    def make_scope(self, one: registrations.Registration) -> dict[str, str]:
        """Gives what says for which resource one is; nothing for a resource that stands in the group, or is for it."""
        scope = one.inputs.get(resource_types.TYPES[one.token].scope, "")
        reference = self.make_reference(scope)
        return {"scope": f"[{reference}]"} if reference else {}

    def make_own_name(self, one: registrations.Registration) -> str:
        """Gives the expression of a resource's name; that of a part begins with its parent's."""
        words = self.make_words(*_parse(one))
        form = "/".join(f"{{{index}}}" for index in range(len(words)))
        return words[0] if len(words) == 1 else f"format('{form}', {', '.join(words)})"


class Converter:
    """Turns the values of one resource's body into those of a template."""

    def __init__(self, own: registrations.Registration, names: Names, user_data: str | None) -> None:
        """`user_data` is the variable that a machine takes when its parameter is empty."""
        self._own = own
        self._names = names
        self._user_data = user_data

    def convert(self, value: Any, key: str = "") -> Any:
        """Gives a value's form in a template."""
        if key == "tags":
            return {name: escape(value[name]) for name in sorted(value)}
        if isinstance(value, Mapping):
            return {name: self.convert(value[name], name) for name in sorted(value)}
        if isinstance(value, list):
            return [self.convert(item, key) for item in value]
        return self._convert_text(value, key) if isinstance(value, str) else value

    def _convert_text(self, text: str, key: str) -> str:
        special = {
            LOCATION: get_parameter(LOCATION),
            "keyData": get_parameter(OPERATOR_KEY),
            "computerName": get_parameter(self._names.get_parameter(self._own)),
            "customData": self._make_user_data(),
            "tenantId": "subscription().tenantId",
            **_make_secret_value(self._own),
        }
        call = special.get(key) or self._names.make_reference(text)
        return f"[{call}]" if call else escape(text)

    def _make_user_data(self) -> str:
        given = get_parameter(make_parameter_name(self._own.name, "UserData"))
        return f"if(empty({given}), base64(variables('{self._user_data}')), {given})"


def make_secret_parameter(one: registrations.Registration) -> str:
    """Gives the name of the parameter that holds what a key vault keeps."""
    return make_parameter_name(one.name, "Value")


def _make_secret_value(one: registrations.Registration) -> dict[str, str]:
    return {"value": get_parameter(make_secret_parameter(one))} if one.token == VAULT_SECRET else {}


def _get_id(one: registrations.Registration) -> str:
    return str(identifiers.make_id(one.token, one.inputs))


def _parse(one: registrations.Registration) -> tuple[str, tuple[str, ...]]:
    type_ = resource_types.TYPES[one.token]
    if type_.scope:
        return type_.arm_type, (str(one.inputs[type_.name_inputs[-1]]),)
    known = identifiers.parse_id(_get_id(one))
    assert known is not None, f"'{one.name}' has no id of its own."
    return known[0], tuple(known[1])

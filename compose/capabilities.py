"""Linux capabilities of a service, brought into the form that the engine compares."""

_ALL = "ALL"
_RESET = "RESET"
_PREFIX = "CAP_"


def effective(added: list[str], dropped: list[str]) -> tuple[list[str], list[str]]:
    """Gives what is added and dropped: `ALL` stands for every other one, and what is added is not dropped."""
    adds, drops = _normalise(added), _normalise(dropped)
    return sorted(adds), sorted(drops - adds)


def _normalise(names: list[str]) -> set[str]:
    normal = {_normal_name(name) for name in names}
    return {_ALL} if _ALL in normal else normal - {_RESET}


def _normal_name(name: str) -> str:
    upper = name.strip().upper()
    return upper if upper in (_ALL, _RESET) or upper.startswith(_PREFIX) else _PREFIX + upper

"""A store in memory: the few commands of redis that the shop sends."""

from collections.abc import Callable, Sequence

from apps.shop.api.shop_api import resp


class MemoryStore:
    """Takes what a redis would; `commands` keeps what was sent, `refusal` is raised when it is set."""

    def __init__(self) -> None:
        self.commands: list[resp.Command] = []
        self.refusal: resp.StoreError | None = None
        self.texts: dict[str, str] = {}
        self._sets: dict[str, set[str]] = {}
        self._hashes: dict[str, dict[str, str]] = {}

    def exchange(self, commands: Sequence[resp.Command]) -> list[resp.Reply]:
        """Carries out commands in order."""
        if self.refusal is not None:
            raise self.refusal
        self.commands += commands
        return [self._carry_out(*command) for command in commands]

    def _carry_out(self, verb: str, key: str, *rest: str) -> resp.Reply:
        members, fields = self._sets.setdefault(key, set()), self._hashes.setdefault(key, {})
        verbs: dict[str, Callable[..., resp.Reply]] = {
            "GET": lambda: self.texts.get(key),
            "SADD": lambda member: members.add(member),
            "SREM": lambda member: members.discard(member),
            "SCARD": lambda: len(members),
            "SISMEMBER": lambda member: int(member in members),
            "HSET": lambda name, value: fields.update({name: value}),
            "HDEL": lambda name: fields.pop(name, None) and 1,
            "HGETALL": lambda: [part for pair in fields.items() for part in pair],
            "EXPIRE": lambda _seconds: 1,
            "DEL": lambda: fields.clear(),
        }
        return verbs[verb](*rest)

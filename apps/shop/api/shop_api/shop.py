"""The shop itself: from method and path to an answer.

Everything that is written can be written twice with the same result: a like is a member of a set, a cart holds
quantities and not changes of them, an order has the number that the buyer gave it. So whoever loses an answer on the
way, the page, the edge or this API, may simply ask again.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from . import catalog, resp, serving

_MOST = 99
_CART_SECONDS = 7 * 24 * 3600
_VISITOR = r"(?P<visitor>[a-z0-9]{8,32})"
_SKU = r"(?P<sku>[a-z0-9-]{1,32})"
_ORDER = r"(?P<order>[a-z0-9-]{8,40})"


_Handle = Callable[[Mapping[str, str], bytes], serving.Answer]


class _Route(NamedTuple):
    method: str
    path: re.Pattern[str]
    handle: _Handle


class Refusal(Exception):
    """The request cannot be granted; the message is one sentence for the caller."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Shop:
    """Likes, carts and orders for the products of a catalog; `where` says which task answers."""

    def __init__(self, sold: catalog.Catalog, store: resp.Store, where: Mapping[str, str]) -> None:
        self._catalog = sold
        self._store = store
        self._where = dict(where)
        self._routes = [
            _Route("GET", re.compile("/api/where"), self._get_where),
            _Route("GET", re.compile(f"/api/shop/{_VISITOR}"), self._get_shop),
            _Route("PUT", re.compile(f"/api/likes/{_VISITOR}/{_SKU}"), self._put_like),
            _Route("DELETE", re.compile(f"/api/likes/{_VISITOR}/{_SKU}"), self._delete_like),
            _Route("PUT", re.compile(f"/api/carts/{_VISITOR}/{_SKU}"), self._put_quantity),
            _Route("PUT", re.compile(f"/api/orders/{_VISITOR}/{_ORDER}"), self._put_order),
        ]

    def respond(self, method: str, path: str, body: bytes) -> serving.Answer:
        """Answers one request."""
        try:
            handle, found = self._find_route(method, path)
            return handle(found, body)
        except Refusal as refusal:
            return serving.Answer(refusal.status, {"error": str(refusal)})
        except resp.StoreError as error:
            return serving.Answer(503, {"error": str(error), "api": self._where})

    def _find_route(self, method: str, path: str) -> tuple[_Handle, dict[str, str]]:
        matches = [(route, found) for route in self._routes if (found := route.path.fullmatch(path))]
        for route, found in matches:
            if route.method == method:
                self._check_sku(found.groupdict())
                return route.handle, found.groupdict()
        if matches:
            raise Refusal(405, f"{path} takes {' and '.join(sorted(route.method for route, _ in matches))}.")
        raise Refusal(404, f"There is nothing at {path}.")

    def _check_sku(self, found: Mapping[str, str]) -> None:
        if "sku" in found and not self._catalog.sells(found["sku"]):
            raise Refusal(404, f"There is no product '{found['sku']}'.")

    def _get_where(self, _found: Mapping[str, str], _body: bytes) -> serving.Answer:
        (store,) = self._store.exchange([("GET", "where:store")])
        return serving.Answer(200, {"api": self._where, "store": _read_where(store)})

    def _get_shop(self, found: Mapping[str, str], _body: bytes) -> serving.Answer:
        return serving.Answer(200, self._look(found["visitor"], []))

    def _put_like(self, found: Mapping[str, str], _body: bytes) -> serving.Answer:
        return self._change(found, [("SADD", f"likes:{found['sku']}", found["visitor"])])

    def _delete_like(self, found: Mapping[str, str], _body: bytes) -> serving.Answer:
        return self._change(found, [("SREM", f"likes:{found['sku']}", found["visitor"])])

    def _put_quantity(self, found: Mapping[str, str], body: bytes) -> serving.Answer:
        quantity, cart = _read_quantity(body), f"cart:{found['visitor']}"
        if quantity == 0:
            return self._change(found, [("HDEL", cart, found["sku"])])
        return self._change(found, [("HSET", cart, found["sku"], str(quantity)), ("EXPIRE", cart, str(_CART_SECONDS))])

    def _put_order(self, found: Mapping[str, str], _body: bytes) -> serving.Answer:
        return self._change(found, [("SADD", "orders", found["order"]), ("DEL", f"cart:{found['visitor']}")])

    def _change(self, found: Mapping[str, str], commands: list[resp.Command]) -> serving.Answer:
        return serving.Answer(200, self._look(found["visitor"], commands))

    def _look(self, visitor: str, before: list[resp.Command]) -> dict[str, Any]:
        """Carries out commands and shows the shop as it is after them, all in one exchange."""
        looks: list[resp.Command] = [("GET", "where:store"), ("SCARD", "orders"), ("HGETALL", f"cart:{visitor}")]
        for product in self._catalog.products:
            looks += [("SCARD", f"likes:{product.sku}"), ("SISMEMBER", f"likes:{product.sku}", visitor)]
        store, orders, cart, *likes = self._store.exchange([*before, *looks])[len(before) :]
        return {
            "title": self._catalog.title,
            "motto": self._catalog.motto,
            "currency": self._catalog.currency,
            "products": self._describe(_pairs(cart), likes),
            "orders": orders,
            "api": self._where,
            "store": _read_where(store),
        }

    def _describe(self, cart: Mapping[str, str], likes: list[resp.Reply]) -> list[dict[str, Any]]:
        return [
            {
                **vars(product),
                "likes": likes[2 * index],
                "liked": likes[2 * index + 1] == 1,
                "quantity": int(cart.get(product.sku, "0")),
            }
            for index, product in enumerate(self._catalog.products)
        ]


def _read_quantity(body: bytes) -> int:
    try:
        quantity = json.loads(body)["quantity"]
    except (ValueError, KeyError, TypeError):
        quantity = None
    if type(quantity) is not int or not 0 <= quantity <= _MOST:
        raise Refusal(400, f'The body must be {{"quantity": n}} with n from 0 to {_MOST}.')
    return quantity


def _read_where(reply: resp.Reply) -> Any:
    # The store writes it with its first health check; until then there is nothing to show.
    return json.loads(reply) if isinstance(reply, str) else None


def _pairs(reply: resp.Reply) -> dict[str, str]:
    flat = [str(item) for item in reply] if isinstance(reply, list) else []
    return dict(zip(flat[::2], flat[1::2], strict=True))

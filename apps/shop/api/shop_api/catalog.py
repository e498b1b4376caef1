"""What the shop sells, read from a JSON file that swarm mounts as a config."""

import dataclasses
import json
from typing import Any


class CatalogError(Exception):
    """The catalog cannot be used; the message is one sentence that names the place."""


@dataclasses.dataclass(frozen=True)
class Product:
    """One thing for sale; `art` names a drawing of the page."""

    sku: str
    name: str
    note: str
    cents: int
    art: str


@dataclasses.dataclass(frozen=True)
class Catalog:
    """The shop's name and its products, in the order in which they are shown."""

    title: str
    motto: str
    currency: str
    products: tuple[Product, ...]

    def sells(self, sku: str) -> bool:
        """Tells whether there is such a product."""
        return any(product.sku == sku for product in self.products)


def read_catalog(text: str) -> Catalog:
    """Reads a catalog. Raises `CatalogError`."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise CatalogError(f"The catalog is not JSON: {error}.") from error
    products = tuple(
        Product(**_fields(f"products[{index}]", item, Product)) for index, item in enumerate(_products(data))
    )
    heads = {name: value for name, value in data.items() if name != "products"}
    return Catalog(**_fields("The catalog", {**heads, "products": products}, Catalog))


def _products(data: Any) -> list[Any]:
    if not isinstance(data, dict) or not isinstance(data.get("products"), list):
        raise CatalogError("The catalog must be an object with a list 'products'.")
    return list(data["products"])


def _fields(place: str, item: Any, record: type[Product] | type[Catalog]) -> dict[str, Any]:
    expected = {field.name: field.type for field in dataclasses.fields(record)}
    if not isinstance(item, dict) or set(item) != set(expected):
        raise CatalogError(f"{place} must have exactly the fields {sorted(expected)}; got {item!r}.")
    for name, kind in expected.items():
        if isinstance(kind, type) and type(item[name]) is not kind:
            raise CatalogError(f"{place}: '{name}' must be of type {kind.__name__}; got {item[name]!r}.")
    return item

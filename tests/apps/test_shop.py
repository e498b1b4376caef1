"""What the shop answers, over a store in memory."""

from typing import Any

import pytest

from apps.shop.api.shop_api import catalog, resp, serving, shop
from tests.apps import memory_store, shop_rig

VISITOR = "visitor1234"
WHERE = {"tier": "api", "node": "worker-0", "task": "1", "digest": "sha256:abc"}


@pytest.fixture
def store() -> memory_store.MemoryStore:
    return memory_store.MemoryStore()


@pytest.fixture
def answers(store: memory_store.MemoryStore) -> shop.Shop:
    return shop.Shop(catalog.read_catalog((shop_rig.SHOP / "catalog.json").read_text()), store, WHERE)


def _product(answer: serving.Answer, sku: str) -> dict[str, Any]:
    return next(product for product in answer.body["products"] if product["sku"] == sku)


def test_a_new_visitor_sees_an_empty_cart(answers: shop.Shop) -> None:
    answer = answers.respond("GET", f"/api/shop/{VISITOR}", b"")

    assert answer.status == 200
    assert [product["quantity"] for product in answer.body["products"]] == [0, 0, 0, 0]


def test_the_answer_names_the_tasks_of_api_and_store(answers: shop.Shop, store: memory_store.MemoryStore) -> None:
    store.texts["where:store"] = '{"tier":"store","node":"worker-1"}'

    answer = answers.respond("GET", "/api/where", b"")

    assert answer.body == {"api": WHERE, "store": {"tier": "store", "node": "worker-1"}}


def test_a_store_that_has_not_named_itself_is_null(answers: shop.Shop) -> None:
    assert answers.respond("GET", "/api/where", b"").body["store"] is None


def test_a_like_counts_once_however_often_it_is_sent(answers: shop.Shop) -> None:
    answers.respond("PUT", f"/api/likes/{VISITOR}/honey", b"")
    answer = answers.respond("PUT", f"/api/likes/{VISITOR}/honey", b"")

    assert (_product(answer, "honey")["likes"], _product(answer, "honey")["liked"]) == (1, True)


def test_a_like_can_be_taken_back(answers: shop.Shop) -> None:
    answers.respond("PUT", f"/api/likes/{VISITOR}/honey", b"")
    answer = answers.respond("DELETE", f"/api/likes/{VISITOR}/honey", b"")

    assert (_product(answer, "honey")["likes"], _product(answer, "honey")["liked"]) == (0, False)


def test_a_like_of_another_visitor_is_counted_but_not_mine(answers: shop.Shop) -> None:
    answers.respond("PUT", "/api/likes/someoneelse/honey", b"")
    answer = answers.respond("GET", f"/api/shop/{VISITOR}", b"")

    assert (_product(answer, "honey")["likes"], _product(answer, "honey")["liked"]) == (1, False)


def test_a_cart_holds_the_last_quantity(answers: shop.Shop) -> None:
    answers.respond("PUT", f"/api/carts/{VISITOR}/candle", b'{"quantity": 2}')
    answer = answers.respond("PUT", f"/api/carts/{VISITOR}/candle", b'{"quantity": 5}')

    assert _product(answer, "candle")["quantity"] == 5


def test_quantity_zero_takes_a_product_out(answers: shop.Shop) -> None:
    answers.respond("PUT", f"/api/carts/{VISITOR}/candle", b'{"quantity": 2}')
    answer = answers.respond("PUT", f"/api/carts/{VISITOR}/candle", b'{"quantity": 0}')

    assert _product(answer, "candle")["quantity"] == 0


def test_a_cart_ends_a_week_after_its_last_change(answers: shop.Shop, store: memory_store.MemoryStore) -> None:
    answers.respond("PUT", f"/api/carts/{VISITOR}/candle", b'{"quantity": 2}')

    assert ("EXPIRE", f"cart:{VISITOR}", "604800") in store.commands


def test_an_order_empties_the_cart_and_counts_once(answers: shop.Shop) -> None:
    answers.respond("PUT", f"/api/carts/{VISITOR}/candle", b'{"quantity": 2}')
    answers.respond("PUT", f"/api/orders/{VISITOR}/order-0001", b"")
    answer = answers.respond("PUT", f"/api/orders/{VISITOR}/order-0001", b"")

    assert (answer.body["orders"], _product(answer, "candle")["quantity"]) == (1, 0)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"2", b'{"quantity": -1}', b'{"quantity": 100}', b'{"quantity": true}']
)
def test_a_wrong_quantity_is_refused(answers: shop.Shop, body: bytes) -> None:
    answer = answers.respond("PUT", f"/api/carts/{VISITOR}/candle", body)

    assert answer == (400, {"error": 'The body must be {"quantity": n} with n from 0 to 99.'})


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/api/nothing", 404, "There is nothing at /api/nothing."),
        ("GET", "/api/shop/x", 404, "There is nothing at /api/shop/x."),
        ("GET", f"/api/likes/{VISITOR}/honey", 405, f"/api/likes/{VISITOR}/honey takes DELETE and PUT."),
        ("PUT", f"/api/likes/{VISITOR}/wasps", 404, "There is no product 'wasps'."),
    ],
)
def test_a_wrong_request_is_refused(answers: shop.Shop, method: str, path: str, status: int, error: str) -> None:
    assert answers.respond(method, path, b"") == (status, {"error": error})


def test_a_store_that_is_away_is_a_503_that_says_so(answers: shop.Shop, store: memory_store.MemoryStore) -> None:
    store.refusal = resp.StoreUnavailable("The store did not answer within 20 s: refused.")

    answer = answers.respond("GET", "/api/where", b"")

    assert answer == (503, {"error": "The store did not answer within 20 s: refused.", "api": WHERE})


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[", "The catalog is not JSON: Expecting value: line 1 column 2 (char 1)."),
        ("[]", "The catalog must be an object with a list 'products'."),
        ('{"products": {}}', "The catalog must be an object with a list 'products'."),
        (
            '{"products": [{"sku": "a"}]}',
            "products[0] must have exactly the fields ['art', 'cents', 'name', 'note', 'sku']; got {'sku': 'a'}.",
        ),
        (
            '{"products": [{"sku": "a", "name": "A", "note": "", "cents": "1", "art": "jar"}]}',
            "products[0]: 'cents' must be of type int; got '1'.",
        ),
        (
            '{"products": [], "title": "T"}',
            "The catalog must have exactly the fields ['currency', 'motto', 'products', 'title']; "
            "got {'title': 'T', 'products': ()}.",
        ),
    ],
)
def test_a_wrong_catalog_is_refused(text: str, error: str) -> None:
    with pytest.raises(catalog.CatalogError) as caught:
        catalog.read_catalog(text)

    assert str(caught.value) == error

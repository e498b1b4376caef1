"""How addresses are asked."""

import socket

from tools import asking, facts

GOOD = facts.Answer("200 in 3 ms", True)
BAD = facts.Answer("no answer: timed out", False)


def test_waiting_ends_with_the_first_answer() -> None:
    answers = iter([BAD, BAD, GOOD])
    pauses: list[float] = []

    answer = asking.wait_until_answered("http://a/", 60, lambda url: next(answers), lambda: 0.0, pauses.append)

    assert answer is GOOD
    assert len(pauses) == 2


def test_waiting_ends_with_the_time() -> None:
    clock = iter([0.0, 30.0, 61.0])

    answer = asking.wait_until_answered("http://a/", 60, lambda url: BAD, lambda: next(clock), lambda seconds: None)

    assert answer is BAD


def test_an_address_where_nobody_listens_gives_the_reason() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        answer = asking.ask(f"http://127.0.0.1:{unused.getsockname()[1]}/")

    assert answer == facts.Answer("no answer: [Errno 111] Connection refused", False)

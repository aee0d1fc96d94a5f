from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from calf.model.errors import Cancelled, NotFound
from calf.rpc.call import Call, Handlers
from calf.rpc.tally import BOUNDS, Tally

ONE, MANY = "/pfs_v2.API/InspectRepo", "/pfs_v2.API/ListRepo"


def served(tally: Tally, error: Exception | None = None) -> Handlers:
    def one(request: Any, _call: Call) -> Any:
        if error:
            raise error
        return request

    def many(_request: Any, _call: Call) -> Iterator[Any]:
        yield 1
        if error:
            raise error

    return tally.counted({ONE: one, MANY: many})


def test_calls_are_counted_when_they_end() -> None:
    tally = Tally()
    handlers = served(tally)
    assert handlers[ONE]("x", Call()) == "x"
    stream = handlers[MANY]("x", Call())
    assert [path for path, *_ in tally.read()] == [ONE]
    assert list(stream) == [1]
    found = {path: (sum(numbers), failed) for path, numbers, _, failed in tally.read()}
    assert found == {ONE: (1, {}), MANY: (1, {})}
    assert {len(numbers) for _, numbers, *_ in tally.read()} == {len(BOUNDS) + 1}


@pytest.mark.parametrize(
    ("error", "failed"),
    [(NotFound("no"), {"not-found": 1}), (ValueError("no"), {"internal": 1}), (Cancelled("gone"), {})],
)
def test_failures_are_counted_by_category_but_not_those_who_left(
    error: Exception, failed: dict[str, int]
) -> None:
    tally = Tally()
    handlers = served(tally, error)
    with pytest.raises(type(error)):
        handlers[ONE]("x", Call())
    with pytest.raises(type(error)):
        list(handlers[MANY]("x", Call()))
    left = handlers[MANY]("x", Call())
    next(left)
    left.close()
    assert [(path, sum(numbers), found) for path, numbers, _, found in tally.read()] == [
        (ONE, 1, failed),
        (MANY, 2, failed),
    ]

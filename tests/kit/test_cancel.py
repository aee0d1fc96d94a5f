from __future__ import annotations

import gc

import pytest

from calf.kit.cancel import CancelToken
from calf.kit.errors import Cancelled


def test_callbacks_run_once_and_late_ones_at_once() -> None:
    token, seen = CancelToken(), list[str]()
    token.on_cancel(lambda: seen.append("early"))
    forget = token.on_cancel(lambda: seen.append("forgotten"))
    forget()
    token.check()
    token.cancel()
    token.cancel()
    token.on_cancel(lambda: seen.append("late"))
    assert seen == ["early", "late"]
    with pytest.raises(Cancelled):
        token.check()


def test_children_are_cancelled_with_their_parent_and_not_the_other_way() -> None:
    parent = CancelToken()
    one, two = parent.child(), parent.child()
    one.cancel()
    assert (parent.cancelled, one.cancelled, two.cancelled) == (False, True, False)
    parent.cancel()
    assert two.cancelled
    assert parent.child().cancelled


def test_a_parent_does_not_keep_its_children_alive() -> None:
    parent, seen = CancelToken(), list[str]()
    parent.child().on_cancel(lambda: seen.append("woken"))
    gc.collect()
    parent.cancel()
    assert seen == []

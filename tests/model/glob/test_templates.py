"""Keys made of captures."""

from __future__ import annotations

import pytest

from calf.model.errors import InvalidArgument
from calf.model.glob import check_template, expand


@pytest.mark.parametrize(
    ("template", "key"),
    [
        ("$1", "a"),
        ("$1$2", "ab"),
        ("$2-$1", "b-a"),
        ("${1}0", "a0"),
        ("x", "x"),
        ("", ""),
        ("$$1", "$1"),
        ("$x", "$x"),
    ],
)
def test_groups_are_put_where_the_template_names_them(template: str, key: str) -> None:
    assert expand(template, ("a", "b")) == key


@pytest.mark.parametrize("template", ["$0", "$3", "$10", "${3}", "$" + "1" * 5000])
def test_a_group_that_the_glob_lacks_is_an_error(template: str) -> None:
    with pytest.raises(InvalidArgument, match=r"refers to \$\d+, but the glob has 2 groups"):
        check_template(template, 2)

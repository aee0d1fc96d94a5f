"""The table of errors in the wire document is the one in the code."""

from __future__ import annotations

import re
from pathlib import Path

from calf.kit.exit_codes import BY_CATEGORY
from calf.model.errors import Category
from calf.rpc.errors import STATUS
from calf.wire.methods import load_methods

TEXT = (Path(__file__).parents[2] / "docs" / "design" / "wire.md").read_text()


def test_every_category_stands_in_the_table_with_status_and_exit_code() -> None:
    rows = re.findall(r"^\| ([a-z-]+) \| ([A-Z_]+) \| (\d+) \|$", TEXT, re.MULTILINE)
    assert rows == [
        (category.value, STATUS[category].name, str(BY_CATEGORY[category])) for category in Category
    ]


def test_the_number_of_methods_is_right() -> None:
    assert f"each of the {len(load_methods())} methods" in TEXT

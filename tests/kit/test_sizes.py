from __future__ import annotations

import pytest

from calf.kit import sizes


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("512", 512), ("1K", 1000), ("1k", 1000), ("1Ki", 1024), ("1.5Gi", 3 << 29),
     ("64MB", 64_000_000), (" 2 Ti ", 2 << 40), (".5M", 500_000), ("10B", 10)],
)  # fmt: skip
def test_quantities_of_kubernetes_are_read(text: str, size: int) -> None:
    assert sizes.parse(text) == size


@pytest.mark.parametrize("text", ["", "K", "-1", "1Z", "1i", "1e9", "1KiK", "9" * 400 + ".", "9" * 5000])
def test_other_texts_are_refused_with_the_forms(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size; write a number with"):
        sizes.parse(text)


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0B"), (1, "1B"), (1023, "1023B"), (1024, "1KiB"), (58_640, "57.27KiB"), (5 << 30, "5GiB")],
)
def test_sizes_print_as_pachctl_prints_them(size: int, text: str) -> None:
    assert sizes.format(size) == text

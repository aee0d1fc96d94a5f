from __future__ import annotations

import errno

from calf.kit import exit_codes
from calf.kit.errors import Category


def test_every_category_has_a_code_and_every_code_a_meaning() -> None:
    assert set(exit_codes.BY_CATEGORY) == set(Category)
    assert set(exit_codes.BY_CATEGORY.values()) <= set(exit_codes.MEANING)


def test_a_full_and_a_read_only_disk_are_no_unexpected_failures() -> None:
    full, fixed = (OSError(number, "", "f") for number in (errno.ENOSPC, errno.EROFS))
    assert exit_codes.of_os_error(full) == exit_codes.BY_CATEGORY[Category.FULL] == exit_codes.NO_SPACE
    assert exit_codes.of_os_error(fixed) == exit_codes.BY_CATEGORY[Category.DISK] == exit_codes.DISK


def test_codes_are_never_reused() -> None:
    named = [value for name, value in vars(exit_codes).items() if name.isupper() and isinstance(value, int)]
    assert len(named) == len(set(named)) == len(exit_codes.MEANING)

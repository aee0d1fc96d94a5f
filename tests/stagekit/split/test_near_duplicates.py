from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from stagekit.ingest.phash import difference_hash
from stagekit.split.assign import split_of
from stagekit.split.duplicates import duplicate_groups
from stagekit.split.params import Shares

if TYPE_CHECKING:
    from conftest import Ingested

SHARES = Shares(training=7, validation=1, calibration=1, test=1)


def test_hashes_that_differ_in_few_bits_make_a_group() -> None:
    hashes = {"b": "00000000000000ff", "a": "00000000000000fe", "c": "ffff0000000000ff"}
    assert duplicate_groups(hashes, 1) == [("a", "b")]
    assert duplicate_groups(hashes, 0) == []


def test_nearness_is_transitive() -> None:
    hashes = {
        "a": f"{0b0001:016x}",
        "b": f"{0b0011:016x}",
        "c": f"{0b0111:016x}",
        "d": f"{0xFFFF << 40:016x}",
    }
    assert duplicate_groups(hashes, 1) == [("a", "b", "c")]


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 15).map(lambda n: f"{n:016x}"), max_size=12))
def test_groups_are_those_of_a_search_pair_by_pair(hashes: dict[str, str]) -> None:
    group = {name: {name} for name in hashes}
    for one in hashes:
        for other in hashes:
            if (int(hashes[one], 16) ^ int(hashes[other], 16)).bit_count() <= 1:
                joined = group[one] | group[other]
                for name in joined:
                    group[name] = joined
    expected = sorted({tuple(sorted(members)) for members in group.values() if len(members) > 1})
    assert sorted(duplicate_groups(hashes, 1)) == expected


def _pair_across_splits() -> tuple[str, str]:
    """Give two ids, in order, whose own splits differ."""
    names = sorted(f"Bengal_{number}" for number in range(200, 300))
    first = names[0]
    return first, next(name for name in names if split_of(name, SHARES) != split_of(first, SHARES))


def test_a_near_duplicate_goes_where_the_lower_id_goes(sixty: Ingested) -> None:
    first, second = _pair_across_splits()
    sixty.sample(first, "123456789abcdef0")
    sixty.sample(second, "123456789abcdef1")
    sixty.split()
    assert sixty.where()[second] == sixty.where()[first] == split_of(first, SHARES)
    assert sixty.report()["near_duplicates"] == [
        {"ids": [first, second], "across_splits": True, "moved": [second]}
    ]


def test_near_duplicates_that_are_only_to_be_reported_stay_where_their_ids_say(sixty: Ingested) -> None:
    first, second = _pair_across_splits()
    sixty.sample(first, "123456789abcdef0")
    sixty.sample(second, "123456789abcdef1")
    sixty.split(near_duplicates="report")
    assert sixty.where()[second] == split_of(second, SHARES)
    assert sixty.report()["near_duplicates"] == [{"ids": [first, second], "across_splits": True, "moved": []}]


@pytest.mark.parametrize("change", ["smaller", "brighter", "recompressed"])
def test_a_changed_copy_of_a_photo_hashes_near_and_another_photo_does_not(change: str) -> None:
    def photo(seed: int) -> Image.Image:
        coarse = np.random.default_rng(seed).integers(0, 255, (6, 6, 3)).astype(np.uint8)
        return Image.fromarray(coarse).resize((300, 200), Image.Resampling.BICUBIC)

    changed = {
        "smaller": photo(1).resize((150, 100)),
        "brighter": ImageEnhance.Brightness(photo(1)).enhance(1.05),
        "recompressed": photo(1).quantize(64).convert("RGB"),
    }[change]
    hashes = {
        "copy": difference_hash(changed),
        "other": difference_hash(photo(2)),
        "photo": difference_hash(photo(1)),
    }
    assert duplicate_groups(hashes, 4) == [("copy", "photo")]

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calf.kit.errors import InvalidArgument
from calf.kit.paths import check_put_path, clean, safe_join


@pytest.mark.parametrize(
    ("path", "cleaned"),
    [("", "/"), ("/", "/"), ("a", "/a"), ("/a/b/", "/a/b"), ("//a///b", "/a/b"), ("/a b", "/a b")],
)
def test_clean_paths_begin_with_a_slash_and_end_without(path: str, cleaned: str) -> None:
    assert clean(path) == cleaned
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize("path", ["a*", "a?b", "[a]", "{a", "a}", "!a", "(a", "a)", "@a", "a+", "a^"])
def test_characters_of_globs_are_refused_by_name(path: str) -> None:
    with pytest.raises(InvalidArgument, match=r"invalid: globbing character \(.\) not allowed in path$"):
        check_put_path(path)


@pytest.mark.parametrize("path", ["../x", "/a/../b", "/..", "./x", "/a/."])
def test_relative_elements_are_refused(path: str) -> None:
    with pytest.raises(InvalidArgument, match=r"relative file paths are not allowed$"):
        check_put_path(path)


@pytest.mark.parametrize("path", ["/caf\u00e9", "/a\nb", "/a\tb", "/\x7f", "/\u202e"])
def test_only_printable_ascii_is_taken(path: str) -> None:
    with pytest.raises(InvalidArgument, match=r"only printable ASCII characters allowed$"):
        check_put_path(path)


def test_the_root_is_no_file_and_dots_in_names_are_fine() -> None:
    with pytest.raises(InvalidArgument):
        check_put_path("//")
    assert check_put_path("/..a/b../.c/") == "/..a/b../.c"


@given(st.text(alphabet=st.sampled_from("ab./\\ \0~-"), max_size=20))
def test_no_path_leads_out_of_its_folder(path: str) -> None:
    root = Path("/root/of/it")
    try:
        joined = safe_join(root, path)
    except InvalidArgument:
        assert {".", ".."} & set(path.split("/")) or "\0" in path
    else:
        assert joined == root or root in joined.parents
        assert ".." not in joined.parts

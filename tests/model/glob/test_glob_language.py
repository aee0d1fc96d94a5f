"""What globs match: the language of the spec (A9), by its own vectors and by its rules."""

from __future__ import annotations

import pytest

from calf.model.glob import compile_glob


def matches(pattern: str, *paths: str) -> list[str]:
    glob = compile_glob(pattern)
    return [path for path in paths if glob.match(path) is not None]


TREE = ("/", "/file1", "/file2", "/dir0/", "/dir0/file1", "/dir0/file2", "/dir1/", "/dir1/file1")


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*", ["/file1", "/file2", "/dir0/", "/dir1/"]),
        ("/*", ["/file1", "/file2", "/dir0/", "/dir1/"]),
        ("*/*", ["/dir0/file1", "/dir0/file2", "/dir1/file1"]),
        ("**", list(TREE[1:])),
        ("/", ["/"]),
        ("", ["/"]),
        ("/dir0", ["/dir0/"]),
        ("/dir0/", ["/dir0/"]),
        ("/dir0/**", ["/dir0/file1", "/dir0/file2"]),
        ("/**/file1", ["/dir0/file1", "/dir1/file1"]),
        ("!(**)", []),
        ("/dir[!0]/*", ["/dir1/file1"]),
        ("/file{1,2}", ["/file1", "/file2"]),
        ("/file@(1|3)", ["/file1"]),
    ],
)
def test_a_glob_is_matched_against_the_whole_path(pattern: str, found: list[str]) -> None:
    assert matches(pattern, *TREE) == found


@pytest.mark.parametrize(
    ("pattern", "path", "groups"),
    [
        ("test/a*(a|b)/*(*).go", "/test/aaaa/x.go", ("aaa", "x")),
        ("test*(/?(+(a|b)/*.go))", "/test/a/x.go", ("/a/x.go", "a/x.go", "a")),
        ("/(*)-(?).txt", "/one-2.txt", ("one", "2")),
        ("/(*)(*)", "/ab", ("ab", "")),
        ("/@(a)(b|c)", "/ac", ("a", "c")),
        ("/?(a)b", "/b", ("",)),
        ("/!(*.png)", "/a.jpg", ("a.jpg",)),
        ("/x!(a(b)c)", "/xad", ("ad", "")),
        ("/(**)/(*)", "/a/b/c", ("a/b", "c")),
        ("/*-PATID(*)-*.txt", "/s1-PATID7-x.txt", ("7",)),
        ("/{(a),(b)}", "/b", ("", "b")),
        ("/dir-(?)(?)", "/dir-01/", ("0", "1")),
    ],
)
def test_every_parenthesis_captures_in_the_order_of_opening(
    pattern: str, path: str, groups: tuple[str, ...]
) -> None:
    assert compile_glob(pattern).match(path) == groups
    assert compile_glob(pattern).groups == len(groups)


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("/a?c", ["/abc"], ["/ac", "/a/c"]),
        ("/a*c", ["/ac", "/abbc"], ["/a/c"]),
        ("/[a-c]", ["/b"], ["/d", "/-"]),
        ("/[a-]", ["/a", "/-"], ["/b"]),
        ("/[]a]", ["/]", "/a"], ["/b"]),
        ("/[!a-c]", ["/d"], ["/b"]),
        ("/[^a-c]", ["/d"], ["/b"]),
        ("/a[!b]c", ["/axc"], ["/a/c", "/abc"]),
        ("/[[:digit:][:upper:]_]", ["/7", "/Q", "/_"], ["/q"]),
        ("/[\\]]", ["/]"], ["/a"]),
        ("/\\*", ["/*"], ["/a"]),
        ("/\\(a\\)", ["/(a)"], ["/a"]),
        ("/+(ab)", ["/ab", "/abab"], ["/", "/aba"]),
        ("/x*(ab)", ["/x", "/xabab"], ["/xa"]),
        ("/x?(ab)", ["/x", "/xab"], ["/xabab"]),
        ("/!(a|b)", ["/c", "/ab"], ["/a", "/b", "/c/d"]),
        ("/!(!(a))", ["/a"], ["/b"]),
        ("/{,x}y", ["/y", "/xy"], ["/xxy"]),
        ("/{a,b{c,d}}", ["/a", "/bc", "/bd"], ["/b"]),
        ("/a|b", ["/a|b"], ["/a"]),
        ("/a,b", ["/a,b"], ["/a"]),
        ("/@!+", ["/@!+"], ["/@"]),
    ],
)
def test_each_construct_matches_what_it_says_and_no_more(pattern: str, yes: list[str], no: list[str]) -> None:
    assert matches(pattern, *yes, *no) == yes


@pytest.mark.parametrize(
    ("pattern", "problem", "place"),
    [
        ("(", 'missing ")"', 2),
        ("x+(a", 'missing ")"', 3),
        ("a)", 'unmatched ")"', 3),
        ("a}", 'unmatched "}"', 3),
        ("[a", 'missing "]"', 2),
        ("[]", 'missing "]"', 2),
        ("[a-\\", 'missing "]"', 2),
        ("{a,", 'missing "}"', 2),
        ("[z-a]", 'the range "z-a" runs backwards', 2),
        ("[a-é]", "beyond ASCII", 2),
        ("[[:foo:]]", 'unknown class "[:foo:]"', 2),
        ("[[:alpha", 'unknown class "[:"', 2),
        ("a\\", 'nothing after the last "\\"', 3),
        ("(" * 60 + ")" * 60, "more than 50 groups", 52),
    ],
)
def test_a_malformed_glob_is_refused_with_the_place(pattern: str, problem: str, place: int) -> None:
    with pytest.raises(Exception, match="malformed glob") as caught:
        compile_glob(pattern)
    assert problem in str(caught.value)
    assert str(caught.value).endswith(f"at character {place}")


def test_the_literal_start_is_known_so_that_listings_can_begin_there() -> None:
    assert compile_glob("/images/(*).jpg").prefix == "/images/"
    assert compile_glob("a\\*b*").prefix == "/a*b"
    assert compile_glob("/plain").prefix == "/plain"


def test_directories_below_which_nothing_can_match_are_told_apart() -> None:
    glob = compile_glob("/images/*/(*).jpg")
    assert [glob.may_match_below(path) for path in ("/", "/images", "/images/a/")] == [True] * 3
    assert [glob.may_match_below(path) for path in ("/other", "/images/a/b/")] == [False] * 2
    assert not compile_glob("/*").may_match_below("/dir/")
    assert compile_glob("/**").may_match_below("/dir/a/b/c")

"""Random globs against a second definition of the language: translation to regular expressions."""

from __future__ import annotations

import re
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from calf.model.errors import InvalidArgument
from calf.model.glob import compile_glob

# Stars in braces, so that two that come together are not read as `**`.
PIECES = st.sampled_from(["a", "b", "/", "?", "{*}", "{**}", "[ab]", "[!a]"])
TEXTS = st.text("ab/c", max_size=7).map(lambda text: "/" + text.strip("/").replace("//", "/"))
REGEX = {"?": "[^/]", "{*}": "[^/]*", "{**}": ".*", "[!a]": "[^a/]", "@(*)": "([^/]*)", "@(?)": "([^/])"}


def both(glob: str, regex: str) -> tuple[str, str]:
    return glob, regex


def combined(children: st.SearchStrategy[tuple[str, str]]) -> st.SearchStrategy[tuple[str, str]]:
    pairs = st.lists(children, min_size=1, max_size=3)
    joined = pairs.map(lambda ps: both("".join(g for g, _ in ps), "".join(r for _, r in ps)))
    quantifiers = st.sampled_from([("@", ""), ("?", "?"), ("*", "*"), ("+", "+")])
    grouped = st.tuples(quantifiers, pairs).map(
        lambda pair: both(
            f"{pair[0][0]}({'|'.join(g for g, _ in pair[1])})",
            f"((?:{'|'.join(r for _, r in pair[1])}){pair[0][1]})",
        )
    )
    braced = pairs.map(
        lambda ps: both("{" + ",".join(g for g, _ in ps) + "}", f"(?:{'|'.join(r for _, r in ps)})")
    )
    return st.one_of(joined, grouped, braced)


GLOBS = st.recursive(PIECES.map(lambda p: both(p, REGEX.get(p, p))), combined, max_leaves=6)


@given(GLOBS, TEXTS)
def test_globs_match_what_their_definition_matches(pair: tuple[str, str], path: str) -> None:
    glob, regex = pair
    expected = path != "/" and re.fullmatch("/" + regex, path, re.DOTALL) is not None
    if glob.startswith("/") or glob.endswith("/"):
        return  # cleaned before matching; the definition is not
    assert (compile_glob(glob).match(path) is not None) == expected


@given(st.lists(st.one_of(PIECES, st.just("@(*)"), st.just("@(?)")), min_size=1, max_size=6), TEXTS)
def test_captures_are_those_of_the_most_greedy_match(pieces: list[str], path: str) -> None:
    glob = "x" + "".join(pieces) + "x"
    regex = (
        "/x" + "".join(REGEX.get(p, {"@(*)": "([^/]*)", "@(?)": "([^/])"}.get(p, p)) for p in pieces) + "x"
    )
    found = re.fullmatch(regex, f"/x{path[1:]}x", re.DOTALL)
    assert compile_glob(glob).match(f"/x{path[1:]}x") == (found.groups() if found else None)


@given(GLOBS, st.text("abc", max_size=6))
def test_a_negated_group_matches_exactly_the_other_names(pair: tuple[str, str], name: str) -> None:
    glob, regex = pair
    matched = compile_glob(f"x!({glob})").match(f"/x{name}") is not None
    assert matched == (re.fullmatch(regex, name, re.DOTALL) is None)


@given(GLOBS, TEXTS, st.text("ab/", max_size=4))
def test_no_match_is_hidden_below_a_directory_that_is_passed_by(
    pair: tuple[str, str], path: str, rest: str
) -> None:
    compiled = compile_glob(f"x{pair[0]}")
    below = f"/x{path.rstrip('/')}"
    if compiled.match(f"{below}/{rest}x") is not None:
        assert compiled.may_match_below(below)


@given(st.text("ab/*?[]!^-{},()|@+\\:", max_size=20), TEXTS)
def test_any_text_is_a_glob_or_malformed(pattern: str, path: str) -> None:
    with suppress(InvalidArgument):
        glob = compile_glob(pattern)
        captured = glob.match(path)
        assert glob.matches(path) == (captured is not None)
        assert captured is None or len(captured) == glob.groups

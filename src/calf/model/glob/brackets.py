"""Character classes: `[abc]`, `[a-z]`, `[!abc]`, `[[:alpha:]]`."""

from __future__ import annotations

import string

from calf.model.glob.syntax import CharClass

_NAMED = {
    "alnum": string.ascii_letters + string.digits,
    "alpha": string.ascii_letters,
    "ascii": "".join(map(chr, range(128))),
    "blank": " \t",
    "cntrl": "".join(map(chr, range(32))) + "\x7f",
    "digit": string.digits,
    "graph": string.ascii_letters + string.digits + string.punctuation,
    "lower": string.ascii_lowercase,
    "print": string.ascii_letters + string.digits + string.punctuation + " ",
    "punct": string.punctuation,
    "space": string.whitespace,
    "upper": string.ascii_uppercase,
    "word": string.ascii_letters + string.digits + "_",
    "xdigit": string.hexdigits,
}


def read_class(text: str, at: int) -> tuple[CharClass, int]:
    """The class whose `[` stands before `at`, and where the text goes on.

    A class never matches `/`, negated or not, so that it stays within one path element. Raises `ValueError`.
    """
    negated = text[at : at + 1] in ("!", "^")
    at += negated
    first, chars = at, set[str]()
    while at == first or not text.startswith("]", at):
        if at >= len(text):
            raise ValueError('missing "]"')
        if text.startswith("[:", at):
            more, at = _named(text, at)
        else:
            more, at = _range(text, at)
        chars |= more
    return CharClass(frozenset(chars | {"/"}) if negated else frozenset(chars - {"/"}), negated), at + 1


def _named(text: str, at: int) -> tuple[set[str], int]:
    end = text.find(":]", at)
    name = text[at + 2 : end] if end > 0 else ""
    if name not in _NAMED:
        raise ValueError(f'unknown class "{text[at : end + 2 if end > 0 else at + 2]}"')
    return set(_NAMED[name]), end + 2


def _range(text: str, at: int) -> tuple[set[str], int]:
    low, at = _char(text, at)
    if text[at : at + 1] != "-" or text[at + 1 : at + 2] in ("]", ""):
        return {low}, at
    high, at = _char(text, at + 1)
    if high > "\x7f":
        raise ValueError(f'the range "{low}-{high}" goes beyond ASCII, as no path does')
    if high < low:
        raise ValueError(f'the range "{low}-{high}" runs backwards')
    return set(map(chr, range(ord(low), ord(high) + 1))), at


def _char(text: str, at: int) -> tuple[str, int]:
    if text[at] == "\\":
        at += 1
    if at >= len(text):
        raise ValueError('missing "]"')
    return text[at], at + 1

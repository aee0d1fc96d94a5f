"""From the text of a glob to its tree. Every mistake is named with its place in the text."""

from __future__ import annotations

from calf.model.errors import InvalidArgument
from calf.model.glob.brackets import read_class
from calf.model.glob.syntax import (
    ANY,
    NOT_SLASH,
    Capture,
    CharClass,
    Choice,
    Not,
    One,
    Part,
    Repeat,
    Sequence,
)

_DEEPEST = 50
_QUANTIFIERS = "@*+?!"


class Parser:
    """Reads one glob; `groups` counts the parentheses opened so far."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self.groups = 0

    def parse(self) -> Part:
        """The whole text. Raises `InvalidArgument`."""
        part = self._sequence("")
        if self._at < len(self._text):
            raise self._error(f'unmatched "{self._text[self._at]}"', self._at)
        return part

    def _sequence(self, stops: str) -> Part:
        parts: list[Part] = []
        while self._at < len(self._text) and self._text[self._at] not in stops:
            part = self._part()
            if part is None:
                break
            parts.append(part)
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _part(self) -> Part | None:
        char, start = self._text[self._at], self._at
        following = self._text[start + 1 : start + 2]
        if char in ")}]":
            return None
        if self._text.startswith("**", start):
            while self._text.startswith("**", self._at):  # several in a row are as good as one
                self._at += 2
            return Repeat(One(ANY))
        if char == "(" or (char in _QUANTIFIERS and following == "("):
            return self._group(char)
        self._at += 1
        match char:
            case "*":
                return Repeat(One(NOT_SLASH))
            case "?":
                return One(NOT_SLASH)
            case "[":
                return self._brackets(start)
            case "{":
                return self._options("}", ",", start)
            case "\\":
                return self._escaped(start)
        return One(CharClass(frozenset(char)))

    def _group(self, quantifier: str) -> Part:
        start = self._at
        self._at += 1 if quantifier == "(" else 2
        self.groups += 1
        group = self.groups
        options = self._options(")", "|", start)
        match quantifier:
            case "*":
                options = Repeat(options)
            case "+":
                options = Repeat(options, least=1)
            case "?":
                options = Repeat(options, once=True)
            case "!":
                options = Not(options)
        return Capture(group, options)

    def _options(self, end: str, separator: str, start: int) -> Part:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error(f"more than {_DEEPEST} groups inside each other", start)
        options = [self._sequence(separator + end)]
        while self._text.startswith(separator, self._at):
            self._at += 1
            options.append(self._sequence(separator + end))
        if not self._text.startswith(end, self._at):
            raise self._error(f'missing "{end}"', start)
        self._at += 1
        self._depth -= 1
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _brackets(self, start: int) -> Part:
        try:
            chars, self._at = read_class(self._text, self._at)
        except ValueError as error:
            raise self._error(str(error), start) from None
        return One(chars)

    def _escaped(self, start: int) -> Part:
        if self._at == len(self._text):
            raise self._error('nothing after the last "\\"', start)
        self._at += 1
        return One(CharClass(frozenset(self._text[self._at - 1])))

    def _error(self, problem: str, at: int) -> InvalidArgument:
        hint = 'put "\\" before a character that is meant literally'
        return InvalidArgument(f'malformed glob "{self._text}": {problem} at character {at + 1}', hint)

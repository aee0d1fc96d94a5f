"""The one page for people: which model this is, who decided, and how to ask it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

_STYLE = (
    "body{font:1rem/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}pre{white-space:pre-wrap}"
)


@dataclass(frozen=True, slots=True)
class About:
    """What the page says: a headline, facts by name, the reasons of the decision, the card's first lines."""

    headline: str
    facts: Mapping[str, str]
    reasons: tuple[str, ...]
    card: str = ""
    name: str = ""


def page(about: About) -> str:
    """Give the page; every text is escaped, for a card and a decision are data."""
    facts = "".join(f"<dt>{escape(key)}</dt><dd>{escape(value)}</dd>" for key, value in about.facts.items())
    parts = [f"<h1>{escape(about.headline)}</h1>", f"<dl>{facts}</dl>" if facts else ""]
    if about.reasons:
        parts.append(f"<h2>The newest decision</h2><ul>{_items(about.reasons)}</ul>")
    if about.card:
        parts.append(f"<h2>From its card</h2><pre>{escape(about.card)}</pre>")
    if about.name:
        parts.append(f"<h2>How to ask it</h2><pre>{escape(_example(about.name))}</pre>")
    title = escape(about.headline)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body>{''.join(filter(None, parts))}</body></html>\n"
    )


def first_lines(card: str) -> str:
    """Give a card up to its first section."""
    return card.partition("\n## ")[0].strip()


def _items(texts: Iterable[str]) -> str:
    return "".join(f"<li>{escape(text)}</li>" for text in texts)


def _example(name: str) -> str:
    return (
        f"GET /v2/models/{name}\n"
        f"POST /v2/models/{name}/infer\n"
        '{"inputs": [{"name": "photo", "datatype": "BYTES", "shape": [1], "data": ["<a JPEG in base64>"]}],\n'
        ' "outputs": [{"name": "mask"}]}'
    )

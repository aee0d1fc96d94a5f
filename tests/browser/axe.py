"""axe-core on a page: what it finds that is serious or critical."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

_SOURCE = Path(__file__).with_name("vendor") / "axe.min.js"
_RUN = """
async (rules) => {
  const options = { resultTypes: ["violations"], iframes: false, elementRef: false };
  if (rules.length) options.runOnly = { type: "rule", values: rules };
  const found = await axe.run(document, options);
  return found.violations
    .filter((each) => each.impact === "serious" || each.impact === "critical")
    .map((each) => `${each.id}: ${each.nodes.slice(0, 3).map((node) => node.html).join(" | ")}`);
}
"""


class Axe:
    """The checker, read once."""

    def __init__(self) -> None:
        self._source = _SOURCE.read_text()

    def found(self, page: Page, *rules: str) -> list[str]:
        """What is wrong with the page as it stands, by all rules or by these; a line each."""
        if not page.evaluate("() => Boolean(window.axe)"):
            page.evaluate(f"() => {{ {self._source} }}")
        return list(page.evaluate(_RUN, list(rules)))

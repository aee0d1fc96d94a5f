"""What must not happen on any page, noted while a test looks at it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request


@dataclass
class Watch:
    """Errors in the console (of the policy too), errors of scripts, requests to somewhere else.

    Not slotted: Playwright notes on it what it listens to.
    """

    hosts: set[str]
    problems: list[str] = field(default_factory=list)
    _expected: list[re.Pattern[str]] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch all pages of a context."""
        context.on("page", self._page)
        context.on("request", self._request)

    def expect(self, pattern: str) -> None:
        """What fits the pattern is no problem in this test."""
        self._expected.append(re.compile(pattern))

    def found(self) -> list[str]:
        """What nobody expected."""
        return [each for each in self.problems if not any(pattern.search(each) for pattern in self._expected)]

    def _page(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc not in self.hosts:
            self.problems.append(f"asked somebody else: {request.url[:200]}")

"""Evaluation reports, metrics, releases, and runs compared."""

from __future__ import annotations

from starlette.routing import BaseRoute

from calf.web.pages import page
from calf.web.reports.comparing import show_comparison
from calf.web.reports.listing import show_reports, show_strip
from calf.web.reports.metrics import show_metrics
from calf.web.reports.opening import show_report
from calf.web.reports.releases import show_release, show_releases


def routes() -> list[BaseRoute]:
    """`/p/{project}/reports`, `/summary`, `/metrics`, `/compare`, `/releases`."""
    return [
        *page("/p/{project}/reports", show_reports),
        *page("/p/{project}/summary", show_strip),
        *page("/p/{project}/reports/{repo}", show_report),
        *page("/p/{project}/metrics", show_metrics),
        *page("/p/{project}/compare", show_comparison),
        *page("/p/{project}/releases", show_releases),
        *page("/p/{project}/releases/{repo}", show_release),
    ]

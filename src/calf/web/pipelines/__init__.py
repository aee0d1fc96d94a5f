"""Pipelines: all of them, and each with its state, spec, versions and plan."""

from __future__ import annotations

from starlette.routing import BaseRoute

from calf.web.pages import page
from calf.web.pipelines.listing import show_pipelines
from calf.web.pipelines.overview import show_pipeline
from calf.web.pipelines.plan import show_plan
from calf.web.pipelines.spec import show_spec
from calf.web.pipelines.versions import show_versions

_PIPELINE = "/p/{project}/pipelines/{pipeline}"


def routes() -> list[BaseRoute]:
    """All pages about pipelines."""
    return [
        *page("/p/{project}/pipelines", show_pipelines),
        *page(_PIPELINE, show_pipeline),
        *page(f"{_PIPELINE}/spec", show_spec),
        *page(f"{_PIPELINE}/versions", show_versions),
        *page(f"{_PIPELINE}/plan", show_plan),
    ]

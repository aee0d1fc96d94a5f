from __future__ import annotations

import copy
import json
from typing import Any

from stagekit.report.canonical import canonical_notebook, log_of, notebook_bytes


def executed(**metadata: Any) -> dict[str, Any]:
    return {
        "cells": [
            {
                "cell_type": "markdown",
                "id": "9f3a",
                "metadata": {"papermill": {"duration": 0.1}},
                "source": "# Title",
            },
            {
                "cell_type": "code",
                "id": "77aa",
                "metadata": {
                    "execution": {"iopub.execute_input": "2026-01-01T00:00:00Z"},
                    "papermill": {"duration": 1.5},
                    "tags": ["injected-parameters"],
                },
                "source": "seed = 1",
                "execution_count": 1,
                "outputs": [
                    {"output_type": "stream", "name": "stderr", "text": "W0000 1767225600.1 a log line"},
                    {"output_type": "stream", "name": "stdout", "text": "kept"},
                    {"output_type": "display_data", "data": {"text/plain": "x"}, "metadata": {"id": "a1"}},
                ],
            },
        ],
        "metadata": {
            "language_info": {"name": "python", "version": "3.11.7"},
            "papermill": {"input_path": "/somewhere/evaluate.ipynb", **metadata},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def test_times_paths_ids_and_logs_are_gone() -> None:
    text = notebook_bytes(canonical_notebook(executed())).decode()
    for gone in ("papermill", "/somewhere", "iopub", "9f3a", "a log line", "3.11.7", '"a1"'):
        assert gone not in text


def test_sources_outputs_and_tags_stay() -> None:
    code = canonical_notebook(executed())["cells"][1]
    assert code["source"] == "seed = 1"
    assert code["metadata"] == {"tags": ["injected-parameters"]}
    assert [output["output_type"] for output in code["outputs"]] == ["stream", "display_data"]


def test_the_log_is_what_went_to_the_standard_error() -> None:
    assert log_of(executed()) == "W0000 1767225600.1 a log line"


def test_of_a_pictures_metadata_its_words_and_width_stay() -> None:
    notebook = executed()
    shown = notebook["cells"][1]["outputs"][2]
    shown["metadata"] = {"image/png": {"alt": "a curve", "width": 640, "needs_background": "light"}}
    kept = canonical_notebook(notebook)["cells"][1]["outputs"][1]["metadata"]
    assert kept == {"image/png": {"alt": "a curve", "width": 640}}


def test_two_runs_that_differ_in_times_and_places_have_the_same_bytes() -> None:
    other = executed(start_time="later", output_path="/elsewhere/out.ipynb")
    other["cells"][1]["id"] = "random"
    assert notebook_bytes(canonical_notebook(other)) == notebook_bytes(canonical_notebook(executed()))


def test_another_output_gives_other_bytes() -> None:
    other = executed()
    other["cells"][1]["outputs"][1]["text"] = "different"
    assert notebook_bytes(canonical_notebook(other)) != notebook_bytes(canonical_notebook(executed()))


def test_being_canonical_twice_changes_nothing_and_the_argument_stays() -> None:
    notebook = executed()
    before = copy.deepcopy(notebook)
    once = canonical_notebook(notebook)
    assert canonical_notebook(once) == once
    assert notebook == before
    assert json.loads(notebook_bytes(once)) == once

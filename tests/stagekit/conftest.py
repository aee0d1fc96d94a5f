from __future__ import annotations

from pathlib import Path

import pytest

from stagekit.train.params import TrainParams
from tests.stagekit.learning import TINY, made_up_tensors, write_splits


@pytest.fixture(scope="session")
def tiny() -> TrainParams:
    return TINY


@pytest.fixture(scope="session")
def pretrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file like that of the weights repo."""
    from safetensors.numpy import save_file

    path = tmp_path_factory.mktemp("weights") / "mobilenet_v2.safetensors"
    save_file(made_up_tensors(), str(path))
    return path


@pytest.fixture(scope="session")
def split_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An output of split."""
    folder = tmp_path_factory.mktemp("split")
    write_splits(folder)
    return folder

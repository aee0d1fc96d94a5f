from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stagekit.dataset import Dataset, load_dataset
from stagekit.train.params import TrainParams
from tests.stagekit.learning import SIZE, TINY, made_up_tensors, write_splits

if TYPE_CHECKING:
    from stagekit.train.fit import Trainer


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


@pytest.fixture(scope="session")
def training(split_folder: Path) -> Dataset:
    return load_dataset(split_folder / "training")


@pytest.fixture(scope="session")
def validation(split_folder: Path) -> Dataset:
    return load_dataset(split_folder / "validation")


@pytest.fixture(scope="session")
def trainer(tiny: TrainParams, pretrained: Path) -> Trainer:
    """One for all tests, since it takes seconds to compile; each fit begins anew."""
    from stagekit.train.fit import Trainer
    from stagekit.train.outcome import architecture_of

    return Trainer(architecture_of(tiny, SIZE), tiny, pretrained.parent)

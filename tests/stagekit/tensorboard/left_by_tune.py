"""Tables in the form of tune's, small enough to know by heart."""

from __future__ import annotations

from pathlib import Path

TABLES = {
    "trials.csv": """\
trial,state,validation_mean_iou,epochs,learning_rate,dice_weight
0,complete,0.5,2,0.002,1.0
1,pruned,0.25,1,0.01,0.5
""",
    "trial_epochs.csv": """\
trial,epoch,validation_mean_iou
0,1,0.5
0,2,0.375
1,1,0.25
""",
    "history.csv": """\
epoch,learning_rate,training_loss,validation_loss,validation_mean_iou,validation_iou_pet,best
1,0.25,1.5,0.75,0.5,,1
2,0.125,1.25,0.875,0.375,0.625,0
""",
    "best.json": '{"source": "baseline", "reason": "no trial beat the baseline\'s 0.5000"}\n',
}


def write_tables(folder: Path, **changed: str) -> Path:
    """Lay an output of tune into a folder; `changed` are other contents, by name without suffix."""
    folder.mkdir(parents=True)
    for name, content in TABLES.items():
        (folder / name).write_text(changed.get(Path(name).stem, content))
    return folder

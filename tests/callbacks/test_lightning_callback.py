"""Lightning's epochs pushed, where it is installed."""

import warnings
from pathlib import Path
from typing import Any

import pytest

from hpsearch.errors import TrainableError
from tests.callbacks.trials import trial

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    lightning = pytest.importorskip("lightning", reason="Lightning is not installed")
    ReportEpochs = pytest.importorskip("hpsearch.callbacks.lightning").ReportEpochs

pytestmark = pytest.mark.filterwarnings("ignore")  # Lightning's own advice


def fit(folder: Path, **more: Any) -> list[float]:
    losses: list[float] = []

    class Line(lightning.LightningModule):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(1, 1)

        def training_step(self, batch: Any, index: int) -> Any:
            return ((self.layer(batch[0]) - 2 * batch[0]) ** 2).mean()

        def validation_step(self, batch: Any, index: int) -> None:
            loss = self.training_step(batch, index)
            self.log("val_loss", loss)
            if not self.trainer.sanity_checking:
                losses.append(loss.item())

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), 0.1)

    torch.manual_seed(0)
    data = torch.utils.data.TensorDataset(torch.linspace(0, 1, 8)[:, None])
    loader = torch.utils.data.DataLoader(data, batch_size=8)
    trainer = lightning.Trainer(
        max_epochs=4,
        accelerator="cpu",
        callbacks=[ReportEpochs()],
        default_root_dir=folder,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        **more,
    )
    trainer.fit(Line(), loader, loader)
    return losses


def test_each_epoch_is_pushed_with_what_was_logged(tmp_path: Path) -> None:
    pushed = trial(lambda: fit(tmp_path), "val_loss")
    assert [m["val_loss"] for m in pushed.metrics] == pushed.returned
    assert len(pushed.metrics) == 4


@pytest.mark.parametrize("more", [{}, {"min_epochs": 4}])
def test_a_trial_that_is_over_ends_fit_after_its_checkpoint(
    tmp_path: Path, more: dict[str, Any]
) -> None:
    pushed = trial(lambda: fit(tmp_path, **more), "val_loss", stop_after=2)
    assert (len(pushed.metrics), pushed.returned) == (2, None)
    saved = [file.name for file in tmp_path.rglob("*.ckpt")]
    assert saved == [f"epoch={more.get('min_epochs', 2) - 1}-step={more.get('min_epochs', 2)}.ckpt"]


def test_a_metric_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TrainableError, match="gave val_loss, but the search needs"):
        trial(lambda: fit(tmp_path), "dev_error")

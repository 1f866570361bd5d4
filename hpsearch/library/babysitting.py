"""``hpsearch.babysit``: one model raised by hand from Python, or taken up again."""

from __future__ import annotations

import atexit
import contextlib
import os
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpsearch.errors import UsageError
from hpsearch.library.arguments import (
    Settings,
    Trainable,
    as_config,
    said_in_python,
    trainable_of,
)
from hpsearch.library.babysat import Babysat
from hpsearch.library.results import Run
from hpsearch.library.searching import (
    called_from,
    print_to_stderr,
    refuse_inside_import,
    silent,
)
from hpsearch.library.spaces import Space
from hpsearch.panda.adoption import adoption_begins
from hpsearch.panda.opening import find_babysat
from hpsearch.panda.panda import Panda
from hpsearch.panda.same_call import adopt_or_resume, resume_with, start_or_resume
from hpsearch.records import Value
from hpsearch.store.names import usual_runs
from hpsearch.threads import one_thread

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from hpsearch.config import Loaded

SOURCE = "hpsearch.babysit"
CONFIGS = (".yaml", ".yml")

_OPEN: weakref.WeakValueDictionary[Path, Babysat] = weakref.WeakValueDictionary()
"""The models that this process has open, by the folders of their runs."""


def babysit(
    model: Trainable | Run | None = None,
    space: Space | None = None,
    /,
    *,
    hparams: Mapping[str, Value] | None = None,
    metric: str | Mapping[str, Any] | None = None,
    goal: str | None = None,
    seed: int | None = None,
    epochs: int | None = None,
    name: str | None = None,
    data: str | Mapping[str, Any] | None = None,
    train: Callable[..., Any] | None = None,
    runs: str | os.PathLike[str] | None = None,
    fresh: bool = False,
    quiet: bool = False,
) -> Babysat:
    """One model to train, look at, change between two epochs, take back and branch.

        model = hpsearch.babysit("config.yaml")              # what a config declares
        model = hpsearch.babysit("digits#best")              # a trial of a search
        model = hpsearch.babysit("digits-panda")             # a babysat run that is there
        model = hpsearch.babysit(Net, {"alpha": 0.1, "beta": 0.9}, metric="dev_error")

        model.go(5)
        model.set(alpha="/3", why="it swings")
        model.back(12)
        model.tree()

    A searched hyperparameter starts in the middle of its range. The same call again goes on with
    the run that it started. A run has one holder at a time: a model that this process has open
    already is closed, and goes on in the one that is given back.

    Args:
        model: a config file; ``"RUN#TRIAL"``, ``"RUN#best"`` or a :class:`Run`, for its best trial;
            the name or folder of a babysat run (``None``: the one that changed last); or, with a
            ``space``, a class, ``"network"``, ``"module:object"`` or ``{"command": …}``.
        space: for each hyperparameter its value, or its range as for :func:`hpsearch.run`.
        hparams: values that the model begins with, over the config's.
        metric: the number that is watched, by name.
        goal: ``"minimize"`` (the default) or ``"maximize"``.
        seed: same seed and same commands, same weights.
        epochs: for how many epochs a schedule of the model is made.
        name: the run's name; by default the config's with ``-panda`` after it.
        data: what the built-in network learns from.
        train: the class of a notebook that a run, or a trial of a search, is made with; no file
            holds it, so that it has to be given again in another process.
        runs: the folder that holds the runs; by default ``$HPSEARCH_RUNS``, or ``runs``.
        fresh: start another run, even if there is one to go on with.
        quiet: print nothing.

    Raises:
        HpsearchError: an argument is wrong, the run is of another model, another process holds it …
    """
    settings = Settings(
        metric=metric, goal=goal, seed=seed, epochs=epochs, name=name, data=data, hparams=hparams
    )
    tell = silent if quiet else print_to_stderr
    root = usual_runs() if runs is None else Path(runs)
    refuse_inside_import(SOURCE)
    with said_in_python(), one_thread(), contextlib.ExitStack() as stack:
        opening = _Opening(root, name, fresh, train, settings, tell)
        path, context = opening.of(model, space)
        _close_former(path)
        panda = stack.enter_context(context)
        opened = Babysat(panda, stack.pop_all(), tell, quiet=quiet)
    _OPEN[opened.path.resolve()] = opened
    epochs_to_adopt, words = adoption_begins(panda.lineage)
    if epochs_to_adopt:
        tell(words)
        opened.go(epochs_to_adopt)
    elif panda.lineage.chain():
        tell(f"{opened.path}: going on at {opened.at}")
    return opened


@dataclass(frozen=True)
class _Opening:
    """How each kind of model is opened: the folder that its run has or takes, and the context."""

    root: Path
    name: str | None
    fresh: bool
    train: Callable[..., Any] | None
    settings: Settings
    tell: Callable[[str], None]

    def of(
        self, model: Trainable | Run | None, space: Space | None
    ) -> tuple[Path, AbstractContextManager[Panda]]:
        """The way to open what was named."""
        if isinstance(model, Run):
            return self._adopted(f"{model.path}#best")
        if space is not None or callable(model) or isinstance(model, Mapping):
            if model is None:
                raise UsageError(f"{SOURCE}: name what is trained before its space")
            return self._declared(as_config(model, space, self.settings, SOURCE, "model"))
        text = None if model is None else os.fspath(model)
        if text is not None and (Path(text).is_file() or text.endswith(CONFIGS)):
            return self._declared(as_config(text, None, self.settings, SOURCE))
        if text is not None and "#" in text:
            return self._adopted(text)
        return self._resumed(text)

    def _declared(self, loaded: Loaded) -> tuple[Path, AbstractContextManager[Panda]]:
        if self.train is not None:
            raise UsageError(f"{SOURCE}: train goes with a run; here the model is named already")
        for warning in loaded.warnings:
            self.tell(f"warning: {warning}")
        return start_or_resume(
            loaded, self.root, called_from(SOURCE), name=self.name, fresh=self.fresh
        )

    def _adopted(self, source: str) -> tuple[Path, AbstractContextManager[Panda]]:
        self._refuse_settings(source)
        return adopt_or_resume(
            source,
            self.root,
            called_from(SOURCE),
            name=self.name,
            fresh=self.fresh,
            trainable=None if self.train is None else trainable_of(self.train),
        )

    def _resumed(self, run: str | None) -> tuple[Path, AbstractContextManager[Panda]]:
        folder = find_babysat(self.root, run)
        self._refuse_settings(folder.name)
        if self.name is not None or self.fresh:
            raise UsageError("--name and --fresh start a run, and this goes on with one")
        trainable = None if self.train is None else trainable_of(self.train)
        return folder.path, resume_with(folder, called_from(SOURCE), trainable)

    def _refuse_settings(self, what: str) -> None:
        given = [each for each in self.settings.given() if each != "name"]
        if given:
            raise UsageError(
                f"{SOURCE}: {given[0]} belongs to a config, and {what} has one already; leave it "
                f"out, or change settings with model.set"
            )


def _close_former(path: Path) -> None:
    former = _OPEN.get(path.resolve())
    if former is not None:
        former.close()


@atexit.register
def _close_all() -> None:
    for opened in list(_OPEN.values()):
        opened.close()

"""Hyperparameter search from coarse to fine, and babysitting of single models.

    import hpsearch

    run = hpsearch.run(train, {"alpha": hpsearch.log(1e-4, 1)}, metric="dev_error", max_trials=60)
    print(run.best)

What each name is stands in ``__init__.pyi``. They are imported when they are first used, so that
``import hpsearch`` costs nothing: user code imports it in every worker.
"""

__version__ = "0.1.0"

_HOMES = {
    "HpsearchError": "hpsearch.errors",
    "Run": "hpsearch.library.results",
    "Trial": "hpsearch.library.results",
    "TrialStopped": "hpsearch.errors",
    "babysit": "hpsearch.library.babysitting",
    "choice": "hpsearch.library.spaces",
    "epoch": "hpsearch.pushing",
    "linear": "hpsearch.library.spaces",
    "load": "hpsearch.library.results",
    "log": "hpsearch.library.spaces",
    "one_minus": "hpsearch.library.spaces",
    "open": "hpsearch.library.asking:open_search",
    "run": "hpsearch.library.searching",
}

__all__ = [*_HOMES]  # noqa: PLE0604 - its items are texts


def __getattr__(name: str) -> object:
    """A name of the public face, imported now."""
    if name not in _HOMES:
        raise AttributeError(f"module 'hpsearch' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - not needed by who only asks the version

    module, _, own = _HOMES[name].partition(":")
    value: object = getattr(import_module(module), own or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, for completion."""
    return sorted({*globals(), *_HOMES})

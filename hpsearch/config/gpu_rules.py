"""What ``run.gpus`` has to be, and what is probably not meant by it."""

from __future__ import annotations

from hpsearch.config.model import Config, RunConfig
from hpsearch.config.problems import Problems
from hpsearch.config.wording import describe

_GPUS = ("run", "gpus")


def check_gpus(run: RunConfig, problems: Problems) -> None:
    """Refuse a list of GPUs that is empty, has one twice, or has no room for the workers."""
    devices = run.gpus
    if devices is None or isinstance(devices, str):
        return
    if not devices:
        problems.add(_GPUS, "names no GPU; write gpus: [0], or delete it")
    named = list(map(str, devices))
    twice = next((d for d in devices if named.count(str(d)) > 1), None)
    if twice is not None:
        text = f"{describe(twice)} is there twice; to share a GPU write trials_per_gpu: 2"
        problems.add(_GPUS, text)
    room = run.trials_per_gpu * len(devices)
    if twice is None and devices and run.address is None and (run.workers or 0) > room:
        text = f"{run.workers} workers need {run.workers} places on GPUs, and there are {room}; "
        problems.add(
            problems.blame(("run", "workers"), _GPUS, ("run", "trials_per_gpu")),
            f"{text}write workers: {room}, or more trials_per_gpu",
        )


def warn_about_gpus(config: Config, problems: Problems) -> None:
    """Warn where GPUs are named in vain, or have more room than there is work."""
    run, lookahead = config.run, config.search.lookahead
    if run.gpus is None:
        if run.trials_per_gpu > 1:
            problems.warn(("run", "trials_per_gpu"), "has no effect without gpus: [0, 1], or all")
        return
    if config.trainable.kind == "network":
        problems.warn(_GPUS, "has no effect: the built-in network trains on the CPU")
    room = run.trials_per_gpu * (1 if isinstance(run.gpus, str) else len(run.gpus))
    if run.workers is None and room > lookahead:
        problems.warn(
            problems.blame(_GPUS, ("search", "lookahead")),
            f"there is room for {room} trials at once, and with a lookahead of {lookahead} at most "
            f"{lookahead} train; write search.lookahead: {2 * room}",
        )

"""Which GPU a worker sees: each worker process has a slot of its own, on one device.

A framework takes the devices that ``CUDA_VISIBLE_DEVICES`` names (``HIP_VISIBLE_DEVICES`` on AMD)
when it begins to use them, so a worker's variables are set as it starts, before it imports anything
of the user's. Inside it the device is then number 0, whichever it is.

Who has which slot is kept by the operating system: a worker holds the lock of a file, one file for
each slot of a search on a machine, and the lock is free again however the worker ends. On ray it is
ray that assigns devices.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from hpsearch.config.model import RunConfig
from hpsearch.errors import RunError, UsageError
from hpsearch.store.system import BINARY, try_lock
from hpsearch.text import plural

CUDA, HIP = "CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"
ORDER = "CUDA_DEVICE_ORDER"
BY_BUS = "PCI_BUS_ID"
"""CUDA counts devices by their speed unless it is told to count as nvidia-smi does."""

NVIDIA_SMI = ("nvidia-smi", "--query-gpu=index", "--format=csv,noheader")
_PATIENCE = 20  # seconds for nvidia-smi
_PAUSE = 0.05  # seconds between two looks for a free slot
WAIT_FOR_SLOT = 60.0
"""Seconds to wait for a free slot: a worker that has to go may take some to end."""


@dataclass(frozen=True)
class Gpus:
    """The devices that the workers of a search share, on each machine that they run on.

    ``devices`` are numbers among the visible ones, or names; ``None`` stands for all of a machine.
    Each takes ``per_gpu`` trials at once. ``search`` tells the slots of one search from another's.
    ``assigned`` is the device of one worker, where somebody else shares them out.
    """

    devices: tuple[int | str, ...] | None
    per_gpu: int = 1
    search: str = field(default_factory=lambda: uuid.uuid4().hex)
    assigned: str = ""

    @classmethod
    def of(cls, run: RunConfig) -> Gpus | None:
        """What a config asks for; ``None`` where it says nothing of GPUs."""
        if run.gpus is None:
            return None
        return cls(None if isinstance(run.gpus, str) else run.gpus, run.trials_per_gpu)

    def to(self, device: str) -> Gpus:
        """The same for one worker that has been given its device."""
        return replace(self, devices=(device,), assigned=device)

    @property
    def share(self) -> float:
        """What a trial takes of a device, rounded down as ray counts: to 1/10000."""
        return 10_000 // self.per_gpu / 10_000

    def visible(self) -> tuple[str, ...]:
        """The devices on this machine, as the variables name them.

        Raises:
            UsageError: one is not there, or none can be found.
        """
        return visible_devices(self.devices)

    def slots(self) -> int:
        """How many trials can train at once on this machine.

        Raises:
            UsageError: as for :meth:`visible`.
        """
        return self.per_gpu * len(self.visible())

    @property
    def folder(self) -> Path:
        """Where this machine keeps the locks of the slots."""
        return Path(tempfile.gettempdir(), f"hpsearch-gpus-{self.search}")

    def tidy(self) -> None:
        """Remove the locks, once no worker is left."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def take(self) -> None:
        """Let this process see the device of a free slot and no other, for the rest of its life.

        Raises:
            UsageError: as for :meth:`visible`.
            RunError: more workers were started than there are slots.
            OSError: the folder for temporary files cannot be written.
        """
        device = self.assigned or _free_device(self)
        os.environ.setdefault(ORDER, BY_BUS)
        os.environ.update({CUDA: device, HIP: device})


def _free_device(gpus: Gpus) -> str:
    """Take the lock of a free slot: the devices in turn, each once before any has two.

    Raises:
        RunError: none is free for as long as a worker may take to end.
    """
    gpus.folder.mkdir(mode=0o700, exist_ok=True)
    devices = gpus.visible()
    slots = [(device, place) for place in range(gpus.per_gpu) for device in devices]
    # A worker that is about to end still holds the slot of the one that replaces it.
    deadline = time.monotonic() + WAIT_FOR_SLOT
    while time.monotonic() < deadline:
        for device, place in slots:
            name = "".join(c if c.isalnum() or c == "-" else "_" for c in device)
            path = gpus.folder / f"{name}.{place}"
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | BINARY, 0o600)
            if try_lock(descriptor):
                return device  # and the descriptor stays open
            os.close(descriptor)
        time.sleep(_PAUSE)
    raise RunError(
        f"run.gpus: {plural(len(slots), 'trial')} at once are all that there is room for on GPUs "
        f"here, and more workers than that were started; start fewer, or raise run.trials_per_gpu"
    )


def visible_devices(asked: Sequence[int | str] | None) -> tuple[str, ...]:
    """Devices as ``CUDA_VISIBLE_DEVICES`` names them; all of this machine's for ``None``.

    Where that variable, or AMD's, is set already, as by a scheduler of jobs, a number counts among
    the devices that it lets us see, as in every framework.

    Raises:
        UsageError: a number is too large, or no device can be found.
    """
    allowed = _allowed()
    if asked is None:
        return _all_devices() if allowed is None else allowed
    if allowed is None:
        return tuple(map(str, asked))
    beyond = [n for n in asked if isinstance(n, int) and n >= len(allowed)]
    if beyond:
        shown = f" ({', '.join(allowed)})" if allowed else ""
        raise UsageError(
            f"run.gpus: there is no GPU {beyond[0]}: {CUDA} lets us see "
            f"{plural(len(allowed), 'GPU')}{shown}, counted from 0"
        )
    return tuple(allowed[n] if isinstance(n, int) else n for n in asked)


def _allowed() -> tuple[str, ...] | None:
    """The devices that the environment lets us see; ``None`` if it says nothing."""
    text = os.environ.get(CUDA, os.environ.get(HIP))
    if text is None:
        return None
    return tuple(word for word in map(str.strip, text.split(",")) if word not in ("", "-1"))


def _all_devices() -> tuple[str, ...]:
    advice = "write their numbers: gpus: [0, 1]"
    try:
        answer = subprocess.run(  # noqa: S603 - the words above
            NVIDIA_SMI, capture_output=True, text=True, timeout=_PATIENCE, check=True
        ).stdout
    except FileNotFoundError as e:
        raise UsageError(
            f"run.gpus: all asks nvidia-smi, which is not on the path; {advice}"
        ) from e
    except (OSError, subprocess.SubprocessError) as e:
        said = getattr(e, "stderr", None) or getattr(e, "stdout", None) or str(e)
        why = " ".join(str(said).split())[:200]
        raise UsageError(f"run.gpus: all asks nvidia-smi, which failed ({why}); {advice}") from e
    found = tuple(line.strip() for line in answer.splitlines() if line.strip().isdecimal())
    if not found:
        raise UsageError(f"run.gpus: all asks nvidia-smi, which lists no GPU; {advice}")
    return found


def gpus_line(run: RunConfig) -> str:
    """What a config makes of GPUs, as part of a sentence; empty if it says nothing of them.

    Raises:
        UsageError: as for :func:`visible_devices`.
    """
    gpus = Gpus.of(run)
    if gpus is None:
        return ""
    each = f", {plural(gpus.per_gpu, 'trial')} on each" if gpus.per_gpu > 1 else ""
    if run.address is not None:
        which = "all GPUs" if gpus.devices is None else f"GPUs {', '.join(map(str, gpus.devices))}"
        return f"{which} of each machine{each}"
    devices = gpus.visible()
    return f"{plural(len(devices), 'GPU')} ({', '.join(devices)}){each}"


@contextlib.contextmanager
def seen_by_children(devices: Sequence[str] | None) -> Iterator[None]:
    """Let processes that are started within the body see these devices; all for ``None``."""
    before = os.environ.get(CUDA)
    if devices is not None:
        os.environ[CUDA] = ",".join(devices)
    try:
        yield
    finally:
        if devices is not None:
            os.environ.pop(CUDA)
            if before is not None:
                os.environ[CUDA] = before

"""What Windows has in the place of fcntl and termios, as far as hpsearch uses it."""

import array
import fcntl
import select
import termios

LK_UNLCK, LK_NBLCK = 0, 2


def locking(descriptor: int, mode: int, nbytes: int) -> None:
    """Lock, or give back, without waiting."""
    assert nbytes == 1
    operation = {LK_UNLCK: fcntl.LOCK_UN, LK_NBLCK: fcntl.LOCK_EX | fcntl.LOCK_NB}[mode]
    try:
        fcntl.flock(descriptor, operation)
    except BlockingIOError as error:
        raise PermissionError(13, "Permission denied") from error


def kbhit() -> bool:
    """No key was pressed."""
    return False


def get_osfhandle(descriptor: int) -> int:
    """What Windows calls an open file."""
    return descriptor


def PeekNamedPipe(handle: int, size: int) -> tuple[int, int]:  # noqa: N802 - its name there
    """How many bytes a pipe holds; this one belongs to ``_winapi``."""
    assert size == 0
    held = array.array("i", [0])
    fcntl.ioctl(handle, termios.FIONREAD, held)
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    if not held[0] and any(event & select.POLLHUP for _, event in poll.poll(0)):
        raise BrokenPipeError(109, "The pipe has been ended")
    return held[0], held[0]

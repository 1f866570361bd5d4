"""What Windows has in the place of fcntl and termios, as far as hpsearch uses it."""

import fcntl

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

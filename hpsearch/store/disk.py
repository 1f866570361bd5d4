"""The operating system's errors, said once: where, what failed, why, and what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hpsearch.errors import RunError

_AGAIN = "run the same command again: nothing recorded is lost"
_ELSEWHERE = "or choose another place (for runs: --runs DIR)"

_ADVICE = {
    errno.ENOSPC: f"free space and {_AGAIN}",
    errno.EDQUOT: f"free space within your quota and {_AGAIN}",
    errno.EFBIG: f"raise the limit on file sizes (ulimit -f) and {_AGAIN}",
    errno.EROFS: f"make the file system writable, {_ELSEWHERE}",
    errno.EACCES: f"change the permissions, {_ELSEWHERE}",
    errno.EPERM: f"change the permissions, {_ELSEWHERE}",
    errno.EEXIST: f"move away what stands there, {_ELSEWHERE}",
    errno.ENOTEMPTY: f"move away what stands there, {_ELSEWHERE}",
    errno.ENOTDIR: f"a file stands where a folder should be: move it away, {_ELSEWHERE}",
    errno.EISDIR: "a folder stands where a file should be: move it away",
    errno.ENOENT: "something removed it: run the same command again, or choose another place",
    errno.EMFILE: f"raise the limit on open files (ulimit -n) and {_AGAIN}",
    errno.ENOLCK: "this file system cannot lock files: keep the runs elsewhere with --runs",
    errno.ENOTSUP: "this file system cannot do that: keep the runs elsewhere with --runs",
    errno.ENOSYS: "this file system cannot do that: keep the runs elsewhere with --runs",
    errno.EIO: f"the disk is failing: copy the runs to another one, then {_AGAIN}",
}
_OTHERWISE = f"when that is mended, {_AGAIN}"


@contextmanager
def disk_errors(path: Path, action: str) -> Iterator[None]:
    """Turn an ``OSError`` of the body into a one-line :class:`RunError`.

    Args:
        path: what the message names: the file that the user knows, not its temporary twin.
        action: completes "cannot …".
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        if error.filename in {str(parent) for parent in path.parents}:
            reason += f" ({error.filename})"
        advice = _ADVICE.get(error.errno or 0, _OTHERWISE)
        if error.errno == errno.ENOENT and not path.parent.exists():
            advice = f"there is no folder {path.parent}: make it and run the same command again"
        raise RunError(f"{path}: cannot {action}: {reason}; {advice}") from error

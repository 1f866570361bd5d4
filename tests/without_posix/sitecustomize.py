"""Hides from hpsearch what only POSIX has, in every Python that finds this file on its path.

Whoever else imports ``os`` has all of it: Python's own library knows on which system it is, and
cannot be told otherwise. So this shows that hpsearch reaches for nothing that Windows lacks, and
takes what it has in its place; that Windows behaves as documented it cannot show.
"""

from __future__ import annotations

import builtins
import os
import select
import signal
import socket
import stat
from types import ModuleType
from typing import Any

import msvcrt_of_windows

MODULES = {"fcntl", "grp", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty"}
LACKING = {
    "os": """
        fork forkpty getpgid getpgrp getuid getgid geteuid killpg mkfifo openpty pread pwrite
        setpgid setsid uname wait3 wait4 waitid sysconf statvfs nice fchmod fchown chown
        sched_getaffinity posix_spawn register_at_fork WNOHANG O_CLOEXEC O_DIRECTORY O_NOFOLLOW
        """,
    "signal": """
        SIGHUP SIGKILL SIGALRM SIGCHLD SIGUSR1 SIGUSR2 SIGSTOP SIGTSTP SIGPIPE SIGQUIT SIGXCPU
        SIG_BLOCK SIG_UNBLOCK SIG_SETMASK ITIMER_REAL alarm pause pthread_kill pthread_sigmask
        setitimer sigwait siginterrupt
        """,
    "select": "poll epoll",
    "socket": "AF_UNIX",
}


class Without(ModuleType):
    """A module as it is on Windows."""

    def __init__(self, module: ModuleType) -> None:
        super().__init__(module.__name__)
        self._module, self._lacking = module, LACKING[module.__name__].split()

    def __getattr__(self, name: str) -> Any:
        if name in self._lacking:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r} on Windows")
        return getattr(self._module, name)


def _kill(pid: int, number: int) -> None:
    """Windows ends a process at once for any signal but Ctrl-C, which is signal 0 there."""
    assert number == signal.SIGTERM
    os.kill(pid, signal.SIGKILL)


def _select(*arguments: Any) -> Any:
    """Windows waits for sockets alone."""
    for source in (source for sources in arguments[:3] for source in sources):
        if not stat.S_ISSOCK(os.fstat(source.fileno()).st_mode):
            raise OSError(10038, "this is not a socket")
    return select.select(*arguments)


GIVEN: dict[str, ModuleType] = {m.__name__: Without(m) for m in (os, signal, select, socket)}
GIVEN["select"].__dict__.update(select=_select)
GIVEN["os"].__dict__.update(name="nt", kill=_kill)
GIVEN["msvcrt"] = GIVEN["_winapi"] = msvcrt_of_windows
_import = builtins.__import__


def _import_as_on_windows(name: str, *arguments: Any, **named: Any) -> Any:
    names = arguments[0] if arguments else named.get("globals")
    importer = str((names or {}).get("__name__", ""))
    level = arguments[3] if len(arguments) > 3 else named.get("level", 0)
    if level == 0 and importer.partition(".")[0] == "hpsearch":
        if name.partition(".")[0] in MODULES:
            raise ModuleNotFoundError(f"No module named {name!r} (on Windows)", name=name)
        if name in GIVEN:
            return GIVEN[name]
    return _import(name, *arguments, **named)


builtins.__import__ = _import_as_on_windows

"""What a worker process may not do: use more memory than it is given, open sockets, start programs.

Sockets are denied by seccomp, else by a network namespace of the process's own; both work unprivileged where the
kernel allows them. A worker tells which of them it could have, and the server says so at start-up when it is neither.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import sys
import threading
import time

try:
    import pyseccomp  # now: once memory is limited there may be no room left to load it
except (ImportError, OSError, RuntimeError):  # it needs the system's libseccomp, which may be missing
    pyseccomp = None

_DENIED = (
    *("socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg", "sendmmsg"),
    *("execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv", "process_vm_writev"),
    *("mount", "umount2", "chroot", "pivot_root", "setns", "unshare", "bpf", "perf_event_open", "userfaultfd"),
    *("io_uring_setup", "keyctl", "add_key", "request_key"),
)
_LOOK_EVERY = 0.2
_CLONE_THREAD = 0x10000
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000


def limit_memory(size: int) -> None:
    """Let this process have at most `size` bytes of address space, and leave no core when it dies."""
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def yield_to_others(nice: int) -> None:
    """Let the server, and so everybody's short requests, go first."""
    os.nice(nice)


def die_with_parent() -> None:
    """End this process when its parent is gone, also in the middle of a query.

    A thread looks, because the kernel's signal for that (PR_SET_PDEATHSIG) comes already when the *thread* of the
    parent that started us ends.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_EVERY)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def deny_sockets() -> str | None:
    """Take from this process the means to reach a network or start a program; return by what, None if impossible."""
    return _deny_by_seccomp() or _deny_by_namespace()


def _deny_by_seccomp() -> str | None:
    if pyseccomp is None:
        return None
    try:
        rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
        for name in _DENIED:
            try:
                rules.add_rule(pyseccomp.ERRNO(errno.EPERM), name)
            except (OSError, ValueError):
                continue  # a call that this architecture doesn't have
        # fork() is a clone without CLONE_THREAD; clone3 hides its flags, so threads are made by clone too
        rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
        no_thread = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, 0)
        rules.add_rule(pyseccomp.ERRNO(errno.EPERM), "clone", no_thread)
        rules.load()
    except (OSError, RuntimeError, AttributeError):
        return None
    return "seccomp"


def _deny_by_namespace() -> str | None:
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    done = libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWNET) == 0
    return "namespace" if done else None

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Has another process make a system call, as one that was broken into would.

usage: inject.py PID CALL
Prints what the call returned, after which the process goes on as if nothing
had been, or "killed by SIGNAL". Exit status 77: this machine does not let us.
Waits until the process is inside of some system call, whose instruction is
used; x86_64 only.
"""
import ctypes
import os
import platform
import sys
import time

PTRACE_PEEKTEXT = 1
PTRACE_SINGLESTEP = 9
PTRACE_GETREGS = 12
PTRACE_SETREGS = 13
PTRACE_ATTACH = 16
PTRACE_DETACH = 17
SYSCALL = 0x050F  # the instruction
SYSCALL_LEN = 2
NO_CALL = (1 << 64) - 1  # so that none is restarted
TRIES = 50


class Registers(ctypes.Structure):
    """struct user_regs_struct of <sys/user.h>."""

    _fields_ = [
        (name, ctypes.c_ulonglong)
        for name in """r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi
        orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs""".split()
    ]


libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.restype = ctypes.c_long
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def ptrace(request, pid, address=None, data=None):
    ctypes.set_errno(0)
    value = libc.ptrace(request, pid, address, data)
    if ctypes.get_errno():
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return value


def stop(pid):
    """Its registers, once it is stopped right behind that instruction."""
    for _ in range(TRIES):
        ptrace(PTRACE_ATTACH, pid)
        os.waitpid(pid, 0)
        saved = Registers()
        ptrace(PTRACE_GETREGS, pid, None, ctypes.byref(saved))
        code = ptrace(PTRACE_PEEKTEXT, pid, saved.rip - SYSCALL_LEN)
        if code & 0xFFFF == SYSCALL:
            return saved
        ptrace(PTRACE_DETACH, pid)
        time.sleep(0.05)
    raise TimeoutError("it is never inside of a system call")


def inject(pid, call):
    saved = stop(pid)
    changed = Registers.from_buffer_copy(saved)
    changed.rip -= SYSCALL_LEN
    changed.rax = call
    changed.orig_rax = NO_CALL
    ptrace(PTRACE_SETREGS, pid, None, ctypes.byref(changed))
    ptrace(PTRACE_SINGLESTEP, pid)
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status):
        return f"killed by {os.WTERMSIG(status)}"
    ptrace(PTRACE_GETREGS, pid, None, ctypes.byref(changed))
    ptrace(PTRACE_SETREGS, pid, None, ctypes.byref(saved))
    ptrace(PTRACE_DETACH, pid)
    return changed.rax


if platform.machine() != "x86_64":
    sys.exit(77)
try:
    print(inject(int(sys.argv[1]), int(sys.argv[2])))
except PermissionError:
    sys.exit(77)

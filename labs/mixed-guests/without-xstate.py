# SPDX-License-Identifier: MIT
"""Runs a command that is told it cannot read the extended registers of processes
that it traces.

User-mode Linux 6.1 has 2,696 bytes for these. A processor with AMX has more, of
which Linux takes all or none, so its first process would crash. Told that there
are none it is content with those of SSE, and programs in it must use no others.
"""
import errno
import os
import sys

import seccomp

PTRACE_GETREGSET = 0x4204
NT_X86_XSTATE = 0x202

rules = seccomp.SyscallFilter(seccomp.ALLOW)
rules.add_rule(seccomp.ERRNO(errno.EINVAL), "ptrace",
               seccomp.Arg(0, seccomp.EQ, PTRACE_GETREGSET),
               seccomp.Arg(2, seccomp.EQ, NT_X86_XSTATE))
rules.load()
os.execvp(sys.argv[1], sys.argv[1:])

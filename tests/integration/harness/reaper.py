"""Kills what a test run leaves behind when it ends without cleaning up.

Standard input: "+PID" for a process that was started, "-PID" for one that has ended. When standard input ends, the
processes that are left are killed.
"""

import os
import signal
import sys

signal.signal(signal.SIGINT, signal.SIG_IGN)
running = set()
for line in sys.stdin:
    pid = int(line[1:])
    running.add(pid) if line.startswith("+") else running.discard(pid)
for pid in running:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass

"""Runs a command and kills it as soon as standard input ends.

    launcher.py [--remove-dir DIR] COMMAND [ARGUMENT...]

Whoever starts this holds the other end of standard input. However that process ends, kill -9 included, the pipe
closes and nothing is left running. Prints the command's process id as the first line and exits with its code.
With --remove-dir, the directory is removed once the command is gone because standard input ended.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading


def die_with_launcher():
    """Runs in the command's process: on Linux it dies even when this launcher is killed with SIGKILL."""
    if sys.platform == "linux":
        import ctypes

        PR_SET_PDEATHSIG = 1
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def main():
    arguments = sys.argv[1:]
    remove_dir = None
    if arguments[0] == "--remove-dir":
        remove_dir, arguments = arguments[1], arguments[2:]

    # Ctrl-C in a terminal reaches the whole foreground group; what counts here is the end of standard input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    child = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=sys.stderr, preexec_fn=die_with_launcher)
    signal.signal(signal.SIGTERM, lambda *_: child.kill())
    abandoned = threading.Event()

    def watch():
        while os.read(0, 4096):
            pass
        abandoned.set()
        child.kill()

    threading.Thread(target=watch, daemon=True).start()
    print(child.pid, flush=True)
    code = child.wait()
    if abandoned.is_set() and remove_dir:
        shutil.rmtree(remove_dir, ignore_errors=True)
    # The watching thread may be inside a read: end without waiting for it.
    os._exit(code if code >= 0 else 128 - code)


main()

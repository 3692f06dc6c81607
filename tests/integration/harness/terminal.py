"""Runs a program in a pseudo-terminal, driven over JSON lines; bytes travel as Latin-1 text.

    terminal.py ROWS COLUMNS COMMAND [ARGUMENT...]

Standard input: {"id": N, "do": "write", "bytes": TEXT}, {"id": N, "do": "modes"}, {"id": N, "do": "is_stopped"},
{"id": N, "do": "signal", "number": SIGNAL}.
Standard output: the answers {"id": N, "ok": RESULT}, and in between {"output": TEXT} and, once, {"exit": CODE}.
Ends when standard input ends, and kills the program.

This process is the terminal's session leader, as a shell would be, and the program runs in the foreground process
group. Were the program the leader, the kernel would reset the terminal when it exits, and nobody could tell whether it
had left the terminal sane.
"""

import fcntl
import json
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import threading

LOCK = threading.Lock()


def say(message):
    with LOCK:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def modes(terminal):
    local = termios.tcgetattr(terminal)[3]
    return {
        "echo": bool(local & termios.ECHO),
        "canonical": bool(local & termios.ICANON),
        "signals": bool(local & termios.ISIG),
    }


def is_stopped(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return ") T " in stat.read()


def write_all(file, data):
    while data:
        data = data[os.write(file, data) :]


def main():
    rows, columns = int(sys.argv[1]), int(sys.argv[2])
    master, terminal = os.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    # Giving the foreground away and taking it back would stop a background process.
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def into_foreground():
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)

    child = subprocess.Popen(
        sys.argv[3:], stdin=terminal, stdout=terminal, stderr=terminal, preexec_fn=into_foreground
    )

    def obey():
        for line in sys.stdin:
            command = json.loads(line)
            if command["do"] == "write":
                write_all(master, command["bytes"].encode("latin-1"))
                result = None
            elif command["do"] == "signal":
                result = child.send_signal(command["number"])
            elif command["do"] == "is_stopped":
                result = is_stopped(child.pid)
            else:
                result = modes(terminal)
            say({"id": command["id"], "ok": result})
        child.kill()
        os._exit(0)

    ended, announce_end = os.pipe()

    def wait():
        child.wait()
        os.close(announce_end)

    threading.Thread(target=obey, daemon=True).start()
    threading.Thread(target=wait, daemon=True).start()
    while True:
        readable, _, _ = select.select([master, ended], [], [])
        if master in readable:
            say({"output": os.read(master, 65536).decode("latin-1")})
        elif ended in readable:
            # Everything the program wrote has been read.
            break
    code = child.returncode
    say({"exit": code if code >= 0 else 128 - code})
    threading.Event().wait()


main()

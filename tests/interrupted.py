"""Run a command until it says something, then interrupt it: `python interrupted.py COMMAND..`."""

import signal
import subprocess
import sys

with subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, text=True) as process:
    assert process.stdout
    print(process.stdout.readline(), end="")
    process.send_signal(signal.SIGINT)
    process.communicate()
sys.exit(process.returncode)

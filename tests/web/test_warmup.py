"""What a server needs is there before the first request, and stays out of garbage collections."""

import json
import subprocess
import sys

from colornet.web.jobs import Jobs

PROGRAM = """
import gc, json, os, signal, sys, threading, time, urllib.request
from colornet.web import server
from colornet.web.settings import Settings
from tests.web.conftest import encoded
from skimage import data

picture, listen, listeners = encoded(data.camera()), server.listen, []

def kept(*address):
    listeners.append(listen(*address))
    return listeners[0]

server.listen = kept

def ask(path, body=None):
    port = listeners[0].getsockname()[1]
    return urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", body).read()

def look():
    while not gc.get_freeze_count():
        time.sleep(0.01)
    metrics = ask("/metrics").decode()
    before, threads = set(sys.modules), {one.name for one in threading.enumerate()}
    for path in ("/", "/healthz", "/openapi.json", "/api/v1/models"):
        ask(path)
    ask("/api/v1/colorize", picture)
    new = {one.name for one in threading.enumerate()} - threads
    seen = {"metrics": metrics, "imported": sorted(set(sys.modules) - before),
            "frozen": gc.get_freeze_count(), "threads": sorted(new)}
    print(json.dumps(seen))
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=look, daemon=True).start()
server.serve(Settings(models=("faces",)), "127.0.0.1", 0)
"""


def test_the_first_requests_find_everything_ready() -> None:
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seen = json.loads(done.stdout.splitlines()[-1])
    assert [one for one in seen["imported"] if not one.startswith("encodings.")] == []
    assert not [one for one in seen["threads"] if one.startswith("colornet")]
    assert seen["frozen"] > 50_000
    assert "colornet_requests_total{" not in seen["metrics"]  # nobody has asked for anything yet


def test_threads_are_started_before_there_is_work() -> None:
    jobs = Jobs(3, 0, 1.0)
    assert len(jobs._pool._threads) == 3
    jobs.close()

"""16 clients in a loop against `colornet serve`, and the library's own rate in between.

    python benchmarks/web/load.py [SECONDS]

Pictures have 1 megapixel. Limits: no status but 200 and 503, memory within 10 % of what it was
after a quarter of the time, at least 0.8 of the library's rate, /healthz within 100 ms. The server
also prints how late a timer in its event loop was.
"""

from __future__ import annotations

import io
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
from PIL import Image
from skimage import data

from colornet import Colorizer
from colornet.model import usable_cores

CLIENTS = 16
ROUNDS = 4
NO_TLS = False
"""For clients, which would load certificates all at once, and measure that as well."""


@dataclass
class Seen:
    """What clients and watchers saw."""

    statuses: Counter[int] = field(default_factory=Counter)
    health: list[float] = field(default_factory=list)  # seconds
    memory: list[tuple[float, int]] = field(default_factory=list)  # seconds, bytes


def photograph() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(data.astronaut()).convert("L").resize((1024, 1024)).save(buffer, "JPEG")
    return buffer.getvalue()


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 120.0
    picture, seen = photograph(), Seen()
    colorizer = Colorizer()
    program = str(Path(__file__).with_name("timed_server.py"))
    command = [sys.executable, program, "serve", "--port", "0", "--queue", "32"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        url = server.stdout.readline().removeprefix("colornet: ").strip()
        httpx.get(f"{url}healthz")
        served = own = 0.0
        begun = time.monotonic()
        for _ in range(ROUNDS):
            own += library_rate(colorizer, picture, seconds / ROUNDS / 3)
            served += server_rate(url, server.pid, picture, seconds / ROUNDS, seen, begun)
    finally:
        server.terminate()
        server.wait()
    report(seen, served / ROUNDS, own / ROUNDS, seconds)


def library_rate(colorizer: Colorizer, picture: bytes, seconds: float) -> float:
    """Pictures a second, as many at a time as the server computes."""
    end = time.monotonic() + seconds

    def loop() -> int:
        count = 0
        while time.monotonic() < end:
            colorizer.colorize(picture)
            count += 1
        return count

    begun = time.monotonic()
    with ThreadPoolExecutor(usable_cores()) as pool:
        done = sum(future.result() for future in [pool.submit(loop) for _ in range(usable_cores())])
    return done / (time.monotonic() - begun)


def server_rate(
    url: str, pid: int, picture: bytes, seconds: float, seen: Seen, epoch: float
) -> float:
    """Pictures a second with all clients at it."""
    stop = threading.Event()
    done: Counter[int] = Counter()

    def client() -> None:
        with httpx.Client(base_url=url, timeout=120, verify=NO_TLS) as one:
            while not stop.is_set():
                answer = one.post("/api/v1/colorize", content=picture)
                done[answer.status_code] += 1
                if answer.status_code == 503:
                    stop.wait(float(answer.headers["retry-after"]))

    def watch() -> None:
        with httpx.Client(base_url=url, timeout=120, verify=NO_TLS) as one:
            while not stop.wait(0.2):
                begun = time.perf_counter()
                one.get("/healthz").raise_for_status()
                seen.health.append(time.perf_counter() - begun)
                seen.memory.append((time.monotonic() - epoch, resident(pid)))

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    threads.append(threading.Thread(target=watch))
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    seen.statuses.update(done)
    return done[200] / (time.monotonic() - begun)


def resident(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS"))


def report(seen: Seen, served: float, own: float, seconds: float) -> None:
    statuses = ", ".join(f"{count} x {status}" for status, count in sorted(seen.statuses.items()))
    settled = [size for when, size in seen.memory if when > seconds * 4 / 3 / 4]
    first = np.mean(settled[: max(1, len(settled) // 10)])
    last = np.mean(settled[-max(1, len(settled) // 10) :])
    health = np.array(seen.health) * 1000
    print(f"{CLIENTS} clients, {seconds:g} s, {usable_cores()} cores: {statuses}")
    print(f"pictures a second: {served:.2f}; the library alone {own:.2f}; ratio {served / own:.2f}")
    print(
        f"memory: {first / 2**20:.0f} MiB, at the end {last / 2**20:.0f}: {last / first - 1:+.1%}"
    )
    print(f"  the most, once settled: {max(settled) / 2**20:.0f} MiB")
    print(
        f"/healthz: median {np.median(health):.1f} ms, 99 % {np.percentile(health, 99):.1f} ms, "
        f"slowest {health.max():.1f} ms of {len(health)}"
    )


if __name__ == "__main__":
    main()

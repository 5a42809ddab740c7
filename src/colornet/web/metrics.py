"""Counters and gauges as Prometheus text (exposition format 0.0.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper ends of the histogram's buckets."""


class Metrics:
    """Counts of responses since the start, by route and status."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, int]] = Counter()
        self._buckets: Counter[tuple[str, float]] = Counter()
        self._seconds: Counter[str] = Counter()

    def record(self, route: str, status: int, seconds: float) -> None:
        """Count one response of a route of the API."""
        self._requests[route, status] += 1
        self._seconds[route] += seconds  # type: ignore[assignment]  # a Counter of floats
        for bound in SECONDS:
            self._buckets[route, bound] += seconds <= bound

    def text(self, gauges: Mapping[str, tuple[float, str]]) -> str:
        """All counters, and gauges given as name -> (value, meaning)."""
        lines = [
            "# HELP colornet_requests_total Requests answered.",
            "# TYPE colornet_requests_total counter",
        ]
        totals: Counter[str] = Counter()
        for (route, status), count in sorted(self._requests.items()):
            lines.append(f'colornet_requests_total{{route="{route}",status="{status}"}} {count}')
            totals[route] += count
        name = "colornet_request_seconds"
        lines += [f"# HELP {name} From request to answer.", f"# TYPE {name} histogram"]
        for route, total in sorted(totals.items()):
            for bound in SECONDS:
                count = self._buckets[route, bound]
                lines.append(f'{name}_bucket{{route="{route}",le="{bound:g}"}} {count}')
            lines.append(f'{name}_bucket{{route="{route}",le="+Inf"}} {total}')
            lines.append(f'{name}_sum{{route="{route}"}} {self._seconds[route]:.6f}')
            lines.append(f'{name}_count{{route="{route}"}} {total}')
        for gauge, (value, meaning) in gauges.items():
            lines.append(f"# HELP colornet_{gauge} {meaning}")
            lines += [f"# TYPE colornet_{gauge} gauge", f"colornet_{gauge} {value:g}"]
        return "\n".join(lines) + "\n"

"""Health and metrics, for whoever runs the server."""

from __future__ import annotations

from fastapi import APIRouter, Response

from colornet.web.openapi import API_ERRORS, PLAIN_TEXT
from colornet.web.routes.dependencies import State
from colornet.web.server_schemas import Health

router = APIRouter(tags=["server"])


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz")
async def show_health() -> Health:
    """Whether the server answers."""
    return Health()


@router.head("/metrics", include_in_schema=False)
@router.get(
    "/metrics",
    response_class=Response,
    responses=PLAIN_TEXT | {status: API_ERRORS[status] for status in (401, 403)},
)
async def show_metrics(state: State) -> Response:
    """Counters and gauges, as Prometheus text."""
    jobs, canvases = state.jobs, state.canvases
    gauges = {
        "jobs_pending": (jobs.pending, "Pictures being computed or waiting for it."),
        "canvases": (len(canvases), "Photographs that are open."),
        "films": (len(state.films), "Films that are open."),
        "bytes": (canvases.bytes, "Held by open photographs, uploads and answers under way."),
    }
    return Response(state.metrics.text(gauges), media_type="text/plain; version=0.0.4")

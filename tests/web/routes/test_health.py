"""What those who run a server ask of it."""

from tests.web.conftest import Server


def test_health_and_metrics(server: Server, gray: bytes) -> None:
    assert server.get("/healthz").json() == {"status": "ok"}
    canvas = server.open(gray)
    server.get(canvas)
    text = server.get("/metrics").text
    assert 'colornet_requests_total{route="/api/v1/canvases/{canvas_id}",status="200"}' in text
    assert canvas.rpartition("/")[2] not in text
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert float(values["colornet_canvases"]) >= 1
    assert float(values["colornet_bytes"]) > len(gray)
    route = 'route="/healthz"'
    assert (
        values[f"colornet_request_seconds_count{{{route}}}"]
        == values[f'colornet_request_seconds_bucket{{{route},le="+Inf"}}']
    )

"""ASGI middleware: access, response headers, metrics and the access log."""

"""The HTTP API and the page: `colornet serve`.

app.py         joins the parts into one FastAPI application
api.py         the routes, and what they take and give
messages.py    what requests and answers look like
wishes.py      what a request asks for, read from its JSON
state.py       what the routes share
canvases.py    photographs that are open, with a cap and an expiry
jobs.py        a bounded queue before a few threads
answers.py     answers that wait for slow readers, but not forever
uploads.py     bodies and forms, read into memory under limits
guard.py       hosts, origins, tokens, headers
problems.py    errors as statuses and JSON
metrics.py     counters as Prometheus text
server.py      uvicorn, with deadlines on slow clients
settings.py    every limit and its default
static/        the page: HTML, CSS and ES modules, with no build step
"""

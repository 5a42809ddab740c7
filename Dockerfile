# The page and the HTTP API in a container:
#   docker build -t colornet .
#   docker run --rm --read-only -p 127.0.0.1:8000:8000 colornet
FROM python:3.12-slim AS build
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE LICENSE-WEIGHTS ./
COPY src src
RUN python -m venv /opt/colornet \
    && /opt/colornet/bin/python -m pip install --no-cache-dir -c constraints.txt '.[web,video]'

FROM python:3.12-slim
COPY --from=build /opt/colornet /opt/colornet
USER 65534:65534
# Films, and nothing else, are written to disk: also where the rest is read-only, and until --rm.
VOLUME /tmp
ENV PYTHONDONTWRITEBYTECODE=1
EXPOSE 8000
HEALTHCHECK CMD ["/opt/colornet/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=5)"]
ENTRYPOINT ["/opt/colornet/bin/colornet", "serve", "--host", "0.0.0.0", "--port", "8000"]

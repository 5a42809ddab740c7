"""The HTTP API and the page: `colornet serve`."""

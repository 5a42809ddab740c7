"""`python -m colornet`."""

from colornet.cli.app import run

run()

"""`python -m colornet`."""

import sys

from colornet.cli.app import main

sys.exit(main())

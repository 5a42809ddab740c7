"""pyvips tells a program's log of every operation; here, of warnings only.

Imported before pyvips, which logs while it is imported. A level that the program has set stays.
"""

import logging

log = logging.getLogger("pyvips")
log.addHandler(logging.NullHandler())  # else warnings would go to stderr where nothing is set up
if log.level == logging.NOTSET:
    log.setLevel(logging.WARNING)

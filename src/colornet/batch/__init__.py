"""Color folders of pictures: plan, skip what is done, go on after failures, report.

lock.py      locks on bytes of a file
rows.py      a row of the report
report.py    the report: JSON Lines, to which rows are appended
scan.py      the pictures in a folder's tree, and what is left out
planning.py  what is to be colored, and where each result goes
alike.py     results that the file system does not keep apart
existing.py  how a result that exists compares with what is asked for
parallel.py  several pictures at a time
worker.py    color one picture, unless that was done
running.py   color all pictures of a plan
"""

from colornet.batch.existing import Existing
from colornet.batch.parallel import default_jobs
from colornet.batch.planning import Job, Plan, Refusal, plan
from colornet.batch.report import REPORT
from colornet.batch.running import run
from colornet.batch.worker import Replace, Result

__all__ = [
    "REPORT",
    "Existing",
    "Job",
    "Plan",
    "Refusal",
    "Replace",
    "Result",
    "default_jobs",
    "plan",
    "run",
]

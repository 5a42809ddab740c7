"""A folder of pictures, or several: plan, skip what is done, go on after failures, report.

lock.py      locks on the bytes of a file
rows.py      a row of the report
report.py    the report: JSON Lines that are added to
scan.py      what is in a folder's tree, and what is left out
planning.py  what is to be colored, and where each result goes
standing.py  whether what is at a result's place is that result
parallel.py  several pictures at a time
running.py   color the pictures of a plan, several at a time
"""

from colornet.batch.parallel import default_jobs
from colornet.batch.planning import Job, Plan, Refusal, plan
from colornet.batch.report import REPORT
from colornet.batch.running import Replace, Result, run
from colornet.batch.standing import Standing

__all__ = [
    "REPORT",
    "Job",
    "Plan",
    "Refusal",
    "Replace",
    "Result",
    "Standing",
    "default_jobs",
    "plan",
    "run",
]

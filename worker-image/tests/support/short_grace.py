"""A command that becomes `funcapp start` in a pod that gets less time to end than minutes.

short_grace.py SECONDS COMMAND ARGUMENTS...
"""

import runpy
import sys

from funcapp.host import job_host

_, seconds, *command = sys.argv
# Upstream's and ours is five minutes, which is too long for a test.
job_host._FINISH_SECONDS = float(seconds)
sys.argv = command
runpy.run_path(command[0], run_name="__main__")

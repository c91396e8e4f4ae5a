"""Settings of a process on a host whose clock is wrong by `CLOCK_AHEAD_SECONDS`.

`DJANGO_SETTINGS_MODULE` names this module, so that every process it starts is shifted with it.
"""

import os
import time

import time_machine

from config.settings import *  # noqa: F403

time_machine.travel(time.time() + float(os.environ["CLOCK_AHEAD_SECONDS"]), tick=True).start()

"""`python -m deploy.simulator --home FOLDER --port 8002`"""

import argparse
from pathlib import Path

from deploy.simulator.server import server

parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
parser.add_argument("--home", type=Path, required=True)
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--port", type=int, default=8002)
parser.add_argument("--name", action="append", default=[], help="a host name to answer to")
options = parser.parse_args()
server(options.home, options.port, options.host, options.name).run()

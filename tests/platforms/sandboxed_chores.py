"""Work for the sandbox that does what crafted files make a decoder do."""

import os
import sys
import time
from pathlib import Path
from typing import Any


def work(request: dict[str, Any]) -> dict[str, Any]:
    match request["do"]:
        case "echo":
            return {"what": request["what"]}
        case "environ":
            return {"names": sorted(os.environ)}
        case "crash":
            os.abort()
        case "raise":
            raise ValueError("broken")
        case "fill":
            return {"size": len(bytearray(10**9))}
        case "think":
            while True:
                pass
        case "chatter":
            sys.stdout.write("not JSON ")
        case "tell":
            Path(request["to"]).write_text(str(os.getpid()))
    if request["do"] in ("sleep", "tell"):
        time.sleep(60)
    return {}

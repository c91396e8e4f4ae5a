"""The three ports of `make up`."""

import pytest

from deploy.local.environment import Ports
from deploy.local.supervisor import GaveUp


@pytest.mark.parametrize("text", ["http", "0", "65534"])
def test_a_port_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(GaveUp, match="PORT must be a number from 1 to 65533"):
        Ports.read({"PORT": text})

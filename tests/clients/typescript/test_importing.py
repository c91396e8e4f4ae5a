"""Files of posts: small ones are imported at once, large ones by workers, with one outcome."""

import json

import pytest

from tests.acceptance.stack import Stack
from tests.clients.published.ground import ground
from tests.clients.typescript.package import Program

pytestmark = pytest.mark.needs("node", "npm")


def test_files_of_any_size_end_with_the_result_of_each_row(stack: Stack, program: Program):
    head, refused = "content,account_ids,draft\n", "No account,999,true\n"
    with ground(stack) as around:
        x = around.of("x")
        rows = "".join(f"Row {number},{x},true\n" for number in range(501))
        told = json.loads(
            program.play(
                "importing",
                url=stack.url,
                key=around.key,
                small=f"{head}Small,{x},true\n{refused}",
                large=f"{head}{rows}{refused}",
            )
        )

    small, large = told["small"], told["large"]
    assert (small["importId"], small["valid"], small["invalid"]) == (None, 1, 1)
    assert (large["status"], large["valid"], large["invalid"]) == ("completed", 501, 1)
    assert [each["row"] for each in large["results"] if not each["ok"]] == [502]
    assert len(large["results"]) == 502
    assert told["again"] == large
    assert told["seen"][-1] == "completed"

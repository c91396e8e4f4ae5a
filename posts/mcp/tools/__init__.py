"""Every tool, in the order in which agents see them."""

from posts.mcp.tools.approval import APPROVING
from posts.mcp.tools.feeds import FEEDING
from posts.mcp.tools.imports import IMPORTING
from posts.mcp.tools.posts import CHANGING, MAKING
from posts.mcp.tools.read_tools import READING
from posts.mcp.tools.repeating import REPEATING
from posts.mcp.tools.tool import Tool
from posts.mcp.tools.workspace import ACCOUNTS, THINGS

TOOLS: tuple[Tool, ...] = (
    *ACCOUNTS,
    *MAKING,
    *READING,
    *CHANGING,
    *APPROVING,
    *REPEATING,
    *THINGS,
    *IMPORTING,
    *FEEDING,
)

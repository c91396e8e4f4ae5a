"""Every tool, in the order in which agents see them."""

from posts.mcp.tools.posts import CHANGING, MAKING
from posts.mcp.tools.reading import READING
from posts.mcp.tools.tool import Tool
from posts.mcp.tools.workspace import ACCOUNTS, THINGS

TOOLS: tuple[Tool, ...] = (*ACCOUNTS, *MAKING, *READING, *CHANGING, *THINGS)

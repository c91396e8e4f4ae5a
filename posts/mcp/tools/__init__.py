"""Every tool, in the order in which agents see them."""

from posts import registry
from posts.mcp.tools.posts import CHANGING, MAKING
from posts.mcp.tools.read_tools import READING
from posts.mcp.tools.tool import Tool
from posts.mcp.tools.workspace import ACCOUNTS, THINGS

TOOLS: tuple[Tool, ...] = (
    *ACCOUNTS,
    *MAKING,
    *READING,
    *CHANGING,
    *THINGS,
    *(tool for module in registry.modules("mcp") for tool in module.TOOLS),
)

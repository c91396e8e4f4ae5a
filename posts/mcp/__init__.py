"""The MCP server at /mcp: tools for agents, each of which calls the API as its caller would.

Nothing here reads or writes posts. Only `views` and what it imports belong to an idle process; the
protocol's SDK is imported by the first request.
"""

"""What browsers get: pages, and the rules that every answer over HTTP follows. No API endpoints."""

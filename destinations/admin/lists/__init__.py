"""Lists of large tables: bounded pages without OFFSET, filters as chips, cards on small screens."""

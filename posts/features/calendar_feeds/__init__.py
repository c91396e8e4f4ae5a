"""Posts as calendars that calendar programs subscribe to, at secret addresses."""

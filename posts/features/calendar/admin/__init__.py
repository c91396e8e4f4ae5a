"""The calendar: posts by their times, and moving them by a menu or by dragging."""

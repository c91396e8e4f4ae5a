"""Make posts by a rule of dates, and change those ahead."""

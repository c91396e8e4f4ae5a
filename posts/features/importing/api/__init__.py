"""The endpoints of imports and exports."""

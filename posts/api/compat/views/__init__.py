"""The endpoints of the compatibility mount that differ from the reference mount's."""

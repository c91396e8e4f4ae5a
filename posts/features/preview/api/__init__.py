"""The endpoints of previews."""

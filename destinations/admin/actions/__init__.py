"""What operators may do: to all chosen rows of a list, and on pages that ask before they act."""

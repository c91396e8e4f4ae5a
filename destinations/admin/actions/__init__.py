"""Actions of operators on chosen rows of a list, and pages that ask before they act."""

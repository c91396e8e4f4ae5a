"""LinkedIn: members and pages. Imports no other network."""

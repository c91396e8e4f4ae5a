"""Request and response bodies. No queries here."""

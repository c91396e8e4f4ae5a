"""The client packages, and how `make clients` builds them from the OpenAPI document."""

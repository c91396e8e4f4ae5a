"""One module per client package: what makes it of the OpenAPI document."""

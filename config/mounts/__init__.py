"""Where each mount of the API is: its URL map alone, for its OpenAPI document."""

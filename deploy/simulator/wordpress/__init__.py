"""WordPress: two sites of its REST API, one of them without pretty links."""

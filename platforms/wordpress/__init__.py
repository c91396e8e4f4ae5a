"""WordPress: posts on any site with its REST API. Imports no other network."""

"""The request collections: the document's operations, written for Postman and for Bruno."""

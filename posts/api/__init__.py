"""The REST API: requests in, answers out. Rules about posts are in the other folders."""

"""Parts of a post that requests and answers share."""

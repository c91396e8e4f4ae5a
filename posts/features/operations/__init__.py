"""What operators do to posts in the customers' place: cancel, move, publish now, edit the text."""

"""Let operators act in customers' place: cancel, move, publish now, edit the text."""

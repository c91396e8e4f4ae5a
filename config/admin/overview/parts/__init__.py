"""One module for each part of the overview: reads it, and words it for its template."""

"""From a valid request to rows: validation, references, times, destinations. No HTTP here."""

"""Connected accounts: connect flow, tokens and their refresh, health. Nothing here publishes."""

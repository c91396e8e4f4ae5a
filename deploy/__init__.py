"""How Dovecote runs: on one machine (local), and in production (compose.yaml and its guides)."""

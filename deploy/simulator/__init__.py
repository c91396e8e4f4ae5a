"""All networks on one local port, with faults. Only deploy/local and tests import this.

Each network is reached below its real host name: `https://api.x.com/2/tweets` is
`http://127.0.0.1:8002/api.x.com/2/tweets` here. Accounts and their tokens are made through
`/control`, and `/wall` shows what is public.
"""

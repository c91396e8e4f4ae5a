"""Events for webhooks, written in the transaction of the change that they tell of."""

"""Whatever reads a customer's text does so in time that grows as the text does."""

"""Code that reads a customer's text takes time that grows as the text does."""

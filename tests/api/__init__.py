"""The API as its customers meet it, one test for each row of what was promised."""

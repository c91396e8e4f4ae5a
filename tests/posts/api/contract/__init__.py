"""The API as its customers meet it: one test for each row of what was promised.

A test is named after its row and speaks HTTP as any program would; tables are only used for what
no call can bring about. How a mechanism holds (races, crashes, hostile input) is tested where it
lives.
"""

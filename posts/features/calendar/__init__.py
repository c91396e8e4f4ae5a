"""What is published when: the posts of a month, a week, a day or an hour, in a zone.

Every query reads a bounded number of posts through an index, no matter what the filters are.
"""

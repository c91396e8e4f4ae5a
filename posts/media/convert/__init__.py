"""Other forms of a file, for networks that do not accept it as it is.

Whatever a network can be sent is ready before it is due, never larger than the original and never
cropped, and the customer is told. Conversion takes minutes, its message may be lost, and the file
may be hostile: so a form is requested as a row when the post is composed, a worker makes it in a
sandbox, and a row whose lease ended is made again. Networks that need the same form share a file.
"""

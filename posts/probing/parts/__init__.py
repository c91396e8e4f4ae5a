"""The parts that picture files consist of, read without decoding a picture.

Each module knows one format and walks over its parts: that tells how many there are before a
decoder meets them, and which of them say something about the person or the device.
"""

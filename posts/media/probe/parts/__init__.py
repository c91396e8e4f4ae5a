"""The parts that picture files consist of, read without decoding a picture.

Each module lists the parts of one format: they are counted before a decoder reads them, and those
that reveal the person or the device are known.
"""

"""Mark the words of strangers: names, errors and texts of customers, of servers and of networks.

A sentence of ours that repeats them shows them in quotation marks, on one line, without what could
end the quotation, turn the text around or command a terminal. Headings and the cells below them are
plain.
"""

from platforms.registry import ADAPTERS

#: A name is as long, and so is what a sentence repeats of an error.
MOST = 200
#: Of a text or an error that a page shows as a whole.
WHOLE = 10_000
#: What turns the direction of the text that follows it.
DIRECTIONS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
#: Terminals obey these.
CONTROLS = map(chr, (*range(0x20), *range(0x7F, 0xA0)))
PLAIN = str.maketrans({"“": '"', "”": '"', **dict.fromkeys((*DIRECTIONS, *CONTROLS), "")})


def one_line(said: str) -> str:
    """Return it as `quoted` shows it, whole and without its quotation marks."""
    return " ".join(said.split()).translate(PLAIN)


def quoted(said: object, most: int = MOST) -> str:
    """Return words of strangers on one line of at most so many characters, marked as theirs."""
    line = one_line(str(said))
    return f"“{line if len(line) <= most else line[: most - 1] + '…'}”"


def profile(name: str, platform: str) -> str:
    """Return an account as sentences name it: `“@acme” on X`."""
    return f"{quoted(name)} on {ADAPTERS[platform].name}"

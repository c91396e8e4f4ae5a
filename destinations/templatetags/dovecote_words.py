"""`{{ name|theirs }}`: words of strangers in a sentence of ours, marked as theirs."""

from django import template

from destinations import wording

register = template.Library()


@register.filter
def theirs(said: object, most: int = wording.MOST) -> str:
    return wording.quoted(said, most)


@register.filter
def theirs_whole(said: object) -> str:
    """Mark a text that has a paragraph of its own."""
    return wording.quoted(said, wording.WHOLE)

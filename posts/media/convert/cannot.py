"""Why a form cannot be made."""


class CannotMake(Exception):
    """The form cannot be made of this file, however often it is tried. The message follows "it
    could not be made: " and may be shown."""

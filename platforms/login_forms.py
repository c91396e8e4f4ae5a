"""The interface of a login by a form: its owner enters a password, a token or an address here.

Nothing of it needs an app of the operator. As with OAuth, nothing is stored before the owner has
seen which profile would be connected.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from platforms.http.client import Client
from platforms.oauth import LoginMethod, Profile


@dataclass(frozen=True, slots=True)
class FormField:
    """One line of the form. What is entered in a secret one is never shown again."""

    name: str
    label: str
    #: What it looks like, for documents.
    example: str
    help: str = ""
    is_secret: bool = False
    max_chars: int = 300


class FormLogin(LoginMethod):
    """A login whose `fields` the owner of the account fills in."""

    needs_app = False
    fields: ClassVar[tuple[FormField, ...]]
    #: A sentence above the form: where its owner finds what it asks for.
    intro: ClassVar[str] = ""

    @abstractmethod
    async def sign_in(self, answers: Mapping[str, str], http: Client) -> Sequence[Profile]:
        """Return the profiles that these answers may post as. Each field has an answer.

        Raises PlatformError, whose message the owner reads: which field is wrong, and what to do.
        """

    def problem(self, answers: Mapping[str, str]) -> str:
        """Return what is wrong with the answers before the network is asked; empty if nothing."""
        for each in self.fields:
            given = answers.get(each.name, "")
            if not given:
                return f"{each.label} is missing."
            if len(given) > each.max_chars:
                return f"{each.label} is too long."
        return ""

    def secrets(self, answers: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(answers[each.name] for each in self.fields if each.is_secret)

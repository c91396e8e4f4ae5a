"""What the API sends and takes, as classes."""

from dovecote._generated.models import *  # noqa: F403
from dovecote._generated.types import UNSET as UNSET
from dovecote._generated.types import Unset as Unset

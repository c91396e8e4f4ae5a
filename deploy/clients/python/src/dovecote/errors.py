"""Every exception of this package: one per code of the API, and those of the client itself."""

from dovecote._api_error import Actor as Actor
from dovecote._api_error import ApiError as ApiError
from dovecote._api_error import DovecoteError as DovecoteError
from dovecote._api_error import InvalidSignature as InvalidSignature
from dovecote._api_error import LoginFailed as LoginFailed
from dovecote._api_error import MediaError as MediaError
from dovecote._api_error import NoAnswer as NoAnswer
from dovecote._api_error import StillWorking as StillWorking
from dovecote._api_error import UnknownAccount as UnknownAccount
from dovecote._generated.errors import *  # noqa: F403
from dovecote._generated.errors import BY_CODE as BY_CODE

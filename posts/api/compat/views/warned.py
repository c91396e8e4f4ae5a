"""Says in `meta.warnings` what of a request is not done, beside what will fail of it."""

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from posts.api.compat.serializers import inputs


class Warned(APIView):
    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        answer: Response = super().finalize_response(request, response, *args, **kwargs)
        is_done = request.method != "GET" and answer.status_code < 300
        if is_done and (found := _warnings(request.data)):
            known = getattr(answer, "meta", {})
            told = [*found, *known.get("warnings", ())]
            answer.meta = {**known, "warnings": told}  # type: ignore[attr-defined]
        return answer


def _warnings(body: Any) -> list[dict[str, Any]]:
    many = body.get("posts") if isinstance(body, Mapping) else None
    if not isinstance(many, list):
        return inputs.warnings(body)
    return [each for n, one in enumerate(many) for each in inputs.warnings(one, index=n)]

"""Following a short link, in a browser."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from posts.features.links import short
from posts.features.links.clicks import counting, is_bot


@require_safe
def follow(request: HttpRequest, code: str) -> HttpResponse:
    """Lead to where a short link goes. It is counted; nothing of the visitor is kept."""
    url = short.target(code)
    if url is None:
        raise Http404
    if request.method == "GET":
        counting.add(code, is_bot=is_bot(request.META))
    answer = HttpResponseRedirect(url)
    # Each click is to be counted, and the target must not learn of our address.
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    return answer

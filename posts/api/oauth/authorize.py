"""`/oauth/authorize`: where a client sends an operator's browser."""

from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from posts.api.oauth.answers import switched

#: Longer ones no browser sends whole.
MOST_CHARS = 8000


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@switched
def authorize(request: HttpRequest) -> HttpResponse:
    """Go on to the page in the admin, which reads the request; it decides and changes nothing here.

    Below /admin, because an operator's session is known only there. So a browser is sent on to a
    client, with any answer, only after a login.
    """
    given = request.POST if request.method == "POST" else request.GET
    query = urlencode([(name, value) for name, values in given.lists() for value in values])
    if len(query) > MOST_CHARS:
        raise BadRequest("The authorization request is too long.")
    return HttpResponseRedirect(f"{reverse('admin:oauth')}?{query}")

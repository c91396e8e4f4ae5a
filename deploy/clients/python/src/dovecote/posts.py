"""Posts: creating them, and what becomes of them."""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, ParamSpec, TypeVar

from dovecote import calls
from dovecote._calls import Call
from dovecote._exchange import Connection
from dovecote._generated import resources
from dovecote._resources import AsyncMethod, FromSource, Method, Stepwise
from dovecote._steps import Steps
from dovecote._workflows import importing, publishing, waiting
from dovecote._workflows.waiting import WAIT_SECONDS
from dovecote.models import (
    CreatePostAnswer,
    DeletedPost,
    DetailedPost,
    PostWarning,
    Retried,
    SchedulePostAnswer,
)
from dovecote.outcomes import Outcome

P = ParamSpec("P")
Calls = TypeVar("Calls")
Answer = CreatePostAnswer | SchedulePostAnswer
Seen = Callable[[Outcome], None]


class _Opened(Generic[Calls]):
    def __init__(self, posts: Calls, answer: Answer) -> None:
        self._posts = posts
        #: What the server answered.
        self.data = answer.data
        #: What will fail of it unless something is changed.
        self.warnings: list[PostWarning] = answer.meta.warnings or []

    @property
    def id(self) -> str:
        return self.data.post_id

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id!r}, {str(self.data.status)!r})"


class Post(_Opened["Posts"]):
    """A post that was just created or scheduled."""

    def wait(self, timeout: float = WAIT_SECONDS, seen: Seen | None = None) -> Outcome:
        """Return what becomes of it; see `Posts.wait`."""
        return self._posts.wait(self.id, timeout, seen)

    def outcome(self) -> Outcome:
        """Return what has become of it so far."""
        return self._posts.outcome(self.id)

    def read(self) -> DetailedPost:
        return self._posts.get(self.id)

    def retry(self) -> Retried:
        """Retry what has failed; what may be live is skipped."""
        return self._posts.retry(self.id)

    def cancel(self) -> DeletedPost:
        """Delete it, if it has not begun."""
        return self._posts.cancel(self.id)


class AsyncPost(_Opened["AsyncPosts"]):
    """The same, to await."""

    async def wait(self, timeout: float = WAIT_SECONDS, seen: Seen | None = None) -> Outcome:
        """Return what becomes of it; see `Posts.wait`."""
        return await self._posts.wait(self.id, timeout, seen)

    async def outcome(self) -> Outcome:
        """Return what has become of it so far."""
        return await self._posts.outcome(self.id)

    async def read(self) -> DetailedPost:
        return await self._posts.get(self.id)

    async def retry(self) -> Retried:
        """Retry what has failed; what may be live is skipped."""
        return await self._posts.retry(self.id)

    async def cancel(self) -> DeletedPost:
        """Delete it, if it has not begun."""
        return await self._posts.cancel(self.id)


def _asking(build: Callable[P, Call[Any, Any]]) -> Stepwise[P, Any]:
    """The steps that answer a call's whole answer."""

    def steps(connection: Connection, /, *args: P.args, **kwargs: P.kwargs) -> Steps[Any]:
        return (yield from connection.exchange(build(*args, **kwargs)))

    steps.__doc__ = build.__doc__
    return steps


class Opening(FromSource[Stepwise[P, Any]], Generic[P]):
    """A method that answers a Post."""

    def __get__(self, posts: "Posts", owner: type) -> Callable[P, Post]:
        def method(*args: P.args, **kwargs: P.kwargs) -> Post:
            return Post(posts, client.run(self._source(client.connection, *args, **kwargs)))

        client = posts._client
        method.__doc__ = self.__doc__
        return method


class AsyncOpening(FromSource[Stepwise[P, Any]], Generic[P]):
    def __get__(self, posts: "AsyncPosts", owner: type) -> Callable[P, Awaitable[AsyncPost]]:
        async def method(*args: P.args, **kwargs: P.kwargs) -> AsyncPost:
            answer = await client.run(self._source(client.connection, *args, **kwargs))
            return AsyncPost(posts, answer)

        client = posts._client
        method.__doc__ = self.__doc__
        return method


class Posts(resources.Posts):
    """Calls of `client.posts`."""

    create = Opening(_asking(calls.create_post))
    schedule = Opening(_asking(calls.schedule_post))
    publish = Opening(publishing.publish)
    import_file = Method(importing.import_file)
    wait = Method(waiting.wait)
    outcome = Method(waiting.outcome)

    def cancel(self, post_id: str) -> DeletedPost:
        """Delete a post that has not begun; one that has is refused."""
        return self.delete(post_id)


class AsyncPosts(resources.AsyncPosts):
    """Calls of `client.posts`, to await."""

    create = AsyncOpening(_asking(calls.create_post))
    schedule = AsyncOpening(_asking(calls.schedule_post))
    publish = AsyncOpening(publishing.publish)
    import_file = AsyncMethod(importing.import_file)
    wait = AsyncMethod(waiting.wait)
    outcome = AsyncMethod(waiting.outcome)

    async def cancel(self, post_id: str) -> DeletedPost:
        """Delete a post that has not begun; one that has is refused."""
        return await self.delete(post_id)

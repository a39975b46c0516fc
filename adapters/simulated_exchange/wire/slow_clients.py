"""Clients that dribble the body of a request hold no connection for ever.

For the head, aiohttp's own keep-alive time sees to that: it counts from the connection,
or the last answer, on.
"""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def hurrying(seconds_max: float) -> Callable[..., Awaitable[web.StreamResponse]]:
    """Return the middleware that has the body within a time, or refuses the call."""

    @web.middleware
    async def hurry(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            async with asyncio.timeout(seconds_max):
                await request.read()  # the handler finds it there
        except TimeoutError:
            raise web.HTTPRequestTimeout from None
        return await handler(request)

    return hurry

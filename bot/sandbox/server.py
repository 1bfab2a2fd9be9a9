"""The workspace as one web server on this machine: Slack's API for the bot, a page for people."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.manifest import SCOPES
from bot.sandbox import methods_app, methods_chat
from bot.sandbox.acts import ACTS, Stage, share_file
from bot.sandbox.events import N_REMEMBERED, envelope_of, events_of
from bot.sandbox.files import Files
from bot.sandbox.interactions import Interactions
from bot.sandbox.misbehaviour import Misbehaviour
from bot.sandbox.page import state_of
from bot.sandbox.protocol import Json, Refusal
from bot.sandbox.response_urls import ResponseUrls
from bot.sandbox.socket_mode import SocketMode
from bot.sandbox.views import Views
from bot.sandbox.web_api import Backend, Tokens, call
from bot.sandbox.witness import Witness
from bot.sandbox.workspace import Channel, Person, Workspace

__all__ = ["Sandbox", "methods_app", "methods_chat"]  # the methods enter themselves into the table

PICTURES = ("png",)  # that the page shows
STATIC = Path(__file__).parent / "static"
ALLOWED_HOSTS = ("127.0.0.1", "localhost")
CONTENT_POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"


class Sandbox:
    """One workspace. Everything in it happens on the event loop of its server."""

    def __init__(self, url: str, tokens: Tokens, people: Sequence[Person], witness: Witness) -> None:
        self._tokens, self._witness = tokens, witness
        self._watchers: set[asyncio.Event] = set()
        misbehaviour = Misbehaviour()
        socket_mode = SocketMode(misbehaviour, witness)
        workspace = Workspace(self._tell, people)
        views = Views()
        self._urls = ResponseUrls(workspace)
        interactions = Interactions(workspace, views, socket_mode, self._urls, url)
        self._files = Files(url)
        self._backend = Backend(workspace, views, socket_mode, self._files, url)
        self._stage = Stage(workspace, views, socket_mode, interactions, misbehaviour, [])

    def app(self) -> ASGIApp:
        """The server's ASGI application."""
        routes = [
            Route("/", self._index),
            Mount("/static", StaticFiles(directory=STATIC)),
            Route("/api/{method}", self._api, methods=["GET", "POST"]),
            Route("/{kind}/{team}/{number}/{key}", self._response_url, methods=["POST"]),
            Route("/files-pri/{name}/{rest:path}", self._download),
            Route("/upload/v1/{secret}", self._receive_upload, methods=["POST"]),
            Route("/page/state", self._state),
            Route("/page/act", self._act, methods=["POST"]),
            Route("/page/picture/{number}", self._picture),
            Route("/page/upload", self._upload, methods=["POST"]),
            WebSocketRoute("/page/changes", self._changes),
            WebSocketRoute("/link/", self._link),
        ]
        guards = [
            Middleware(TrustedHostMiddleware, allowed_hosts=list(ALLOWED_HOSTS)),
            Middleware(SameOrigin),
        ]
        return Starlette(routes=routes, middleware=guards)

    def _tell(self, event: Json, channel: Channel | None) -> None:
        self._witness.saw_event(event)
        for told in events_of(event, channel):
            envelope = envelope_of(told)
            self._stage.told.append(envelope)
            del self._stage.told[:-N_REMEMBERED]
            self._stage.socket_mode.send_event(envelope)

    def _changed(self) -> None:
        for watcher in self._watchers:
            watcher.set()

    async def _index(self, _request: Request) -> Response:
        return FileResponse(STATIC / "index.html", headers={"Content-Security-Policy": CONTENT_POLICY})

    async def _api(self, request: Request) -> Response:
        misbehaviour = self._stage.misbehaviour
        if misbehaviour.take_rate_limit():
            self._changed()
            headers = {"Retry-After": str(misbehaviour.retry_after_s)}
            return JSONResponse({"ok": False, "error": "ratelimited"}, 429, headers)
        arguments = await _arguments(request)
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        token = token or str(arguments.pop("token", ""))
        answer = call(self._backend, self._tokens, request.path_params["method"], token, arguments)
        self._changed()
        await asyncio.sleep(misbehaviour.slow_s)
        scopes = "connections:write" if token == self._tokens.app else ",".join(SCOPES)
        return JSONResponse(answer, headers={"x-oauth-scopes": scopes} if answer["ok"] else None)

    async def _response_url(self, request: Request) -> Response:
        try:
            self._urls.take(request.path_params["key"], await request.json())
        except Refusal as refusal:
            return PlainTextResponse(refusal.error, 404 if refusal.error.endswith("_url") else 400)
        finally:
            self._changed()
        return PlainTextResponse("ok")

    async def _download(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {self._tokens.bot}":
            return Response("<!DOCTYPE html><title>Sign in</title>", media_type="text/html")  # as Slack does
        try:
            stored = self._files.find(request.path_params["name"].partition("-")[2])
        except Refusal:
            return PlainTextResponse("not found", 404)
        return Response(stored.content, media_type=stored.about["mimetype"])

    async def _picture(self, request: Request) -> Response:
        """A picture for the page, which has no token."""
        try:
            stored = self._files.find(request.path_params["number"])
        except Refusal:
            return PlainTextResponse("not found", 404)
        if stored.about["filetype"] not in PICTURES:
            return PlainTextResponse("not a picture", 404)
        headers = {"X-Content-Type-Options": "nosniff"}
        return Response(stored.content, media_type=stored.about["mimetype"], headers=headers)

    async def _receive_upload(self, request: Request) -> Response:
        self._files.receive(request.path_params["secret"], await request.body())
        return PlainTextResponse("OK")

    async def _state(self, request: Request) -> Response:
        try:
            person = self._stage.workspace.person(request.query_params.get("as", ""))
        except Refusal as refusal:
            return JSONResponse(refusal.as_json(), 404)
        return JSONResponse(state_of(self._stage, person))

    async def _act(self, request: Request) -> Response:
        try:
            body = await request.json()
            person = self._stage.workspace.person(body["as"])
            act = ACTS.get(body["act"])
            if act is None:
                raise Refusal("no_such_act", str(body["act"]))
            work = asyncio.ensure_future(act(self._stage, person, body))
            await asyncio.sleep(0)
            self._changed()
            return JSONResponse({"ok": True, **(await work or {})})
        except Refusal as refusal:
            return JSONResponse(refusal.as_json(), 400)
        except (KeyError, ValueError) as error:
            return JSONResponse(Refusal("invalid_arguments", repr(error)).as_json(), 400)
        finally:
            self._changed()

    async def _upload(self, request: Request) -> Response:
        query = request.query_params
        try:
            person = self._stage.workspace.person(query.get("as", ""))
            stored = self._files.add(query.get("name", "file"), await request.body(), person.id)
            share_file(self._stage, person, query.get("channel", ""), query.get("text", ""), stored.about)
        except Refusal as refusal:
            return JSONResponse(refusal.as_json(), 400)
        self._changed()
        return JSONResponse({"ok": True})

    async def _changes(self, socket: WebSocket) -> None:
        """Tell a page that something has changed; it asks for the state itself."""
        await socket.accept()
        watcher = asyncio.Event()
        self._watchers.add(watcher)
        gone = asyncio.ensure_future(_until_gone(socket))
        try:
            while not gone.done():
                waiting = asyncio.ensure_future(watcher.wait())
                await asyncio.wait((waiting, gone), return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                watcher.clear()
                if not gone.done():
                    await socket.send_text("changed")
        except (WebSocketDisconnect, RuntimeError):
            pass  # the page was closed while it was being told
        finally:
            gone.cancel()
            self._watchers.discard(watcher)

    async def _link(self, socket: WebSocket) -> None:
        asyncio.get_running_loop().call_later(0.05, self._changed)
        try:
            await self._stage.socket_mode.serve(socket)
        finally:
            self._changed()


class SameOrigin:
    """Refuses what another site's page sends: it may reach this machine, but not this workspace."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with 403."""
        headers = Headers(scope=scope) if scope["type"] in ("http", "websocket") else Headers()
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != headers.get("host"):
            refusal = PlainTextResponse("Only the workspace's own page may do this", 403)
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


async def _arguments(request: Request) -> Json:
    if request.headers.get("content-type", "").startswith("application/json"):
        raw = await request.body()
        body = json.loads(raw) if raw else {}
        return dict(body) if isinstance(body, dict) else {}
    form = parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True)
    return {**dict(request.query_params), **dict(form)}


async def _until_gone(socket: WebSocket) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await socket.receive_text()

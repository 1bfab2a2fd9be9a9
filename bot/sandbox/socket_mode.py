"""Socket Mode: envelopes to the bot over its websockets, acknowledgements back.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
import uuid
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.misbehaviour import Misbehaviour
from bot.sandbox.protocol import APP_ID, Json, Refusal
from bot.sandbox.witness import Witness

ACK_TIMEOUT_S = 3.0
RETRY_DELAYS_S = (0.0, 0.2, 10.0, 60.0)  # before each delivery of an event; Slack's last ones are longer
REDELIVERY_GAP_S = 0.2  # between the deliveries of an event that is sent again and again
HOST = "applink-sandbox"


@dataclass
class _Connection:
    """One websocket of the bot."""

    socket: WebSocket
    closed: asyncio.Event = field(default_factory=asyncio.Event)


class SocketMode:
    """The bot's connections, and what is on its way through them."""

    def __init__(self, misbehaviour: Misbehaviour, witness: Witness) -> None:
        self._misbehaviour, self._witness = misbehaviour, witness
        self._tickets: set[str] = set()
        self._connections: list[_Connection] = []
        self._acks: dict[str, asyncio.Future[Json]] = {}
        self._turn = itertools.count()
        self._arrived = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def n_connections(self) -> int:
        """How many websockets the bot holds open."""
        return len(self._connections)

    def new_ticket(self) -> str:
        """What a websocket's address carries; good for one connection."""
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        return ticket

    async def serve(self, socket: WebSocket) -> None:
        """One connection of the bot, from its hello to its end."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close(1008)
            return
        self._tickets.remove(ticket)
        await socket.accept()
        connection = _Connection(socket)
        self._connections.append(connection)
        try:
            await socket.send_json(self._hello())
            self._arrived.set()
            while True:
                self._acknowledged(await socket.receive_json())
        except (WebSocketDisconnect, RuntimeError):
            pass  # gone, or closed by us while it was being read
        finally:
            self._connections.remove(connection)
            connection.closed.set()

    def send_event(self, payload: Json) -> None:
        """Deliver an event until it is acknowledged, as often as Slack would try."""
        for n_before in range(1 + self._misbehaviour.redeliver):
            task = asyncio.create_task(self._deliver(payload, n_before))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def request(self, kind: str, payload: Json, *, accepts_response: bool) -> Json:
        """Send an interaction or a command once; returns what the acknowledgement carries.

        Raises Refusal with what Slack shows the person where the bot is away or too late.
        """
        if not self._connections:
            raise Refusal("dispatch_failed")
        envelope = self._envelope(kind, payload, accepts_response)
        acked = self._expect(envelope)
        try:
            await self._next_connection().socket.send_json(envelope)
            return await asyncio.wait_for(acked, ACK_TIMEOUT_S)
        except (TimeoutError, RuntimeError, WebSocketDisconnect):
            raise Refusal("operation_timeout") from None
        finally:
            self._acks.pop(envelope["envelope_id"], None)

    async def drop(self, *, warned: bool) -> None:
        """Close the bot's websockets; `warned` sends Slack's request to come back first."""
        for connection in list(self._connections):
            if warned:
                goodbye = {"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": HOST}}
                await connection.socket.send_json(goodbye)
            else:
                await connection.socket.close(1011)

    async def _deliver(self, payload: Json, n_before: int) -> None:
        await asyncio.sleep(n_before * REDELIVERY_GAP_S)
        for attempt, delay_s in enumerate(RETRY_DELAYS_S, start=n_before):
            await asyncio.sleep(delay_s)
            await self._wait_for_connection()
            if await self._try(payload, attempt):
                return

    async def _try(self, payload: Json, attempt: int) -> bool:
        connection = self._next_connection()
        retry = {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
        envelope = self._envelope("events_api", payload, accepts_response=False) | retry
        acked = self._expect(envelope)
        gone = asyncio.ensure_future(connection.closed.wait())
        sent_at = time.monotonic()
        try:
            await connection.socket.send_json(envelope)
            await asyncio.wait((acked, gone), timeout=ACK_TIMEOUT_S, return_when="FIRST_COMPLETED")
            if not gone.done():
                self._witness.saw_ack(time.monotonic() - sent_at)
            return acked.done()
        except (RuntimeError, WebSocketDisconnect):
            return False
        finally:
            gone.cancel()
            self._acks.pop(envelope["envelope_id"], None)

    async def _wait_for_connection(self) -> None:
        while not self._connections:
            self._arrived.clear()
            await self._arrived.wait()

    def _next_connection(self) -> _Connection:
        return self._connections[next(self._turn) % len(self._connections)]

    def _expect(self, envelope: Json) -> asyncio.Future[Json]:
        acked: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._acks[envelope["envelope_id"]] = acked
        return acked

    def _acknowledged(self, answer: Json) -> None:
        waiting = self._acks.get(answer.get("envelope_id", ""))
        if waiting is not None and not waiting.done():
            waiting.set_result(answer.get("payload") or {})

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._connections),
            "debug_info": {"host": HOST, "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": APP_ID},
        }

    def _envelope(self, kind: str, payload: Json, accepts_response: bool) -> Json:
        return {
            "envelope_id": str(uuid.uuid4()),
            "type": kind,
            "payload": payload,
            "accepts_response_payload": accepts_response,
        }

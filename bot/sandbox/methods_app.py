"""Web API methods about the app: identity, Socket Mode, views, people, files."""

from __future__ import annotations

from bot.sandbox.protocol import APP_ID, BOT_ID, BOT_NAME, BOT_USER, TEAM_ID, Json, Refusal, bot_author
from bot.sandbox.web_api import Arguments, Backend, method
from bot.sandbox.workspace import Person


@method("auth.test")
def auth_test(backend: Backend, _arguments: Arguments) -> Json:
    """Whose token this is."""
    return {
        "url": f"{backend.url}/",
        "team": "Workshop",
        "user": BOT_NAME,
        "team_id": TEAM_ID,
        "user_id": BOT_USER,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


@method("apps.connections.open", token="app")  # noqa: S106 - which of the two
def open_connection(backend: Backend, _arguments: Arguments) -> Json:
    """The address of a websocket for Socket Mode."""
    ticket = backend.socket_mode.new_ticket()
    return {"url": f"{backend.url.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={APP_ID}"}


@method("views.open", "trigger_id", "view")
def open_view(backend: Backend, arguments: Arguments) -> Json:
    """Open a modal."""
    return {"view": backend.views.open(arguments.text("trigger_id"), arguments.value("view"))}


@method("views.push", "trigger_id", "view")
def push_view(backend: Backend, arguments: Arguments) -> Json:
    """Open a modal on top of one."""
    return {"view": backend.views.push(arguments.text("trigger_id"), arguments.value("view"))}


@method("views.update", "view")
def update_view(backend: Backend, arguments: Arguments) -> Json:
    """Give an open view other content."""
    if not (arguments.text("view_id") or arguments.text("external_id")):
        raise Refusal("invalid_arguments", "missing required field: view_id or external_id")
    view = backend.views.update(
        arguments.value("view"),
        view_id=arguments.text("view_id"),
        external_id=arguments.text("external_id"),
        view_hash=arguments.text("hash"),
    )
    return {"view": view}


@method("views.publish", "user_id", "view")
def publish_view(backend: Backend, arguments: Arguments) -> Json:
    """Set a person's App Home."""
    person = backend.workspace.person(arguments.text("user_id"))
    return {"view": backend.views.publish(person.id, arguments.value("view"), arguments.text("hash"))}


@method("users.info", "user", scopes=("users:read",))
def user_info(backend: Backend, arguments: Arguments) -> Json:
    """Who somebody is."""
    if arguments.text("user") == BOT_USER:
        return {
            "user": {"id": BOT_USER, "name": BOT_NAME, "is_bot": True, "is_admin": False, "is_owner": False}
        }
    return {"user": _about(backend.workspace.person(arguments.text("user")))}


@method("users.list", scopes=("users:read",))
def list_users(backend: Backend, _arguments: Arguments) -> Json:
    """Everybody."""
    members = [_about(person) for person in backend.workspace.people.values()]
    return {"members": members, "response_metadata": {"next_cursor": ""}}


@method("usergroups.list", scopes=("usergroups:read",))
def list_usergroups(backend: Backend, _arguments: Arguments) -> Json:
    """The user groups."""
    return {"usergroups": [{**group, "team_id": TEAM_ID} for group in backend.workspace.usergroups]}


@method("files.info", "file", scopes=("files:read",))
def file_info(backend: Backend, arguments: Arguments) -> Json:
    """What a file is, and where its bytes are."""
    return {"file": backend.files.find(arguments.text("file")).about}


@method("files.getUploadURLExternal", "filename", "length", scopes=("files:write",))
def upload_url(backend: Backend, arguments: Arguments) -> Json:
    """Where the bytes of a new file go."""
    alt_text = arguments.text("alt_txt")
    file_id, address = backend.files.expect(arguments.text("filename"), BOT_USER, alt_text)
    return {"file_id": file_id, "upload_url": address}


@method("files.completeUploadExternal", "files", scopes=("files:write",))
def complete_upload(backend: Backend, arguments: Arguments) -> Json:
    """Share uploaded files in a channel or a thread."""
    files = []
    for each in arguments.value("files"):
        about = backend.files.find(each["id"]).about
        about["title"] = each.get("title") or about["title"]
        files.append(about)
    if arguments.text("channel_id"):
        channel = backend.workspace.channel(arguments.text("channel_id"))
        if arguments.text("channel_id") != channel.id or BOT_USER not in channel.members:
            raise Refusal("invalid_channel")  # a person's id is none here
        content = {"text": arguments.text("initial_comment"), "files": files, "subtype": "file_share"}
        backend.workspace.post(channel, bot_author(), content, arguments.text("thread_ts") or None)
    return {"files": files}


def _about(person: Person) -> Json:
    return {
        "id": person.id,
        "team_id": TEAM_ID,
        "name": person.name,
        "real_name": person.real_name,
        "deleted": False,
        "is_bot": False,
        "is_admin": person.is_admin,
        "is_owner": False,
        "tz": "Europe/London",
        "profile": {"real_name": person.real_name, "display_name": person.name},
    }

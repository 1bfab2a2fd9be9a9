import gc
import multiprocessing
import os
import sqlite3
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Migrations

from qa_core.errors import StoreError
from qa_core.store import Store


@pytest.fixture
def store(tmp_path):
    with_counter = Store(tmp_path / "state" / "manualbot.db", (counters(),))
    yield with_counter
    with_counter.close()


def counters(name: str = "counters") -> Migrations:
    migrations = Migrations(name)

    @migrations()
    def m001_create(db):
        db.execute(f"CREATE TABLE {name} (name TEXT PRIMARY KEY, n INTEGER NOT NULL)")
        db.execute(f"INSERT INTO {name} VALUES ('hits', 0)")

    return migrations


def count_up(store: Store, times: int) -> None:
    for _ in range(times):
        with store.transaction() as db:
            [n] = db.execute("SELECT n FROM counters").fetchone()
            db.execute("UPDATE counters SET n = ?", [n + 1])


def set_and_fail(store: Store, n: int) -> None:
    with store.transaction() as db:
        db.execute("UPDATE counters SET n = ?", [n])
        raise ZeroDivisionError


def count_up_in_process(path: Path, barrier, times: int) -> None:
    barrier.wait()
    store = Store(path, (counters(),))
    count_up(store, times)
    store.close()


def test_a_new_file_is_created_with_its_folder_in_wal_mode(store):
    assert store.rows("PRAGMA journal_mode") == [{"journal_mode": "wal"}]
    assert store.rows("SELECT * FROM counters") == [{"name": "hits", "n": 0}]


@pytest.mark.parametrize("put_back", [False, True])
def test_a_file_that_was_removed_or_replaced_is_written_to_no_more(store, put_back):
    for path in store.path.parent.glob("manualbot.db*"):
        path.unlink()
    if put_back:
        Store(store.path, (counters(),)).close()
    with pytest.raises(StoreError, match=r"was removed or replaced while it was open.*Start manualbot again"):
        count_up(store, 1)
    with pytest.raises(StoreError, match="removed or replaced"):
        store.rows("SELECT 1")
    if put_back:
        again = Store(store.path, (counters(),))
        count_up(again, 1)
        assert again.rows("SELECT n FROM counters") == [{"n": 1}]
        again.close()


def test_a_copy_is_whole_while_others_write(store, tmp_path):
    writers = [threading.Thread(target=count_up, args=(store, 100)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for number in range(5):
        store.copy_to(tmp_path / f"{number}.db")
    for writer in writers:
        writer.join()
    counted = []
    for number in range(5):
        copy = sqlite3.connect(tmp_path / f"{number}.db")
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        counted.append(copy.execute("SELECT n FROM counters").fetchone()[0])
        copy.close()
        assert not (tmp_path / f"{number}.db-wal").exists()
    assert counted == sorted(counted)
    assert store.rows("SELECT n FROM counters") == [{"n": 200}]


def test_a_transaction_that_fails_leaves_nothing(store):
    with pytest.raises(ZeroDivisionError):
        set_and_fail(store, 5)

    assert store.rows("SELECT n FROM counters") == [{"n": 0}]


def test_a_transaction_inside_another_belongs_to_it(store):
    with store.transaction() as db:
        db.execute("UPDATE counters SET n = 1")
        with pytest.raises(ZeroDivisionError):
            set_and_fail(store, 2)

    assert store.rows("SELECT n FROM counters") == [{"n": 1}]


def test_threads_that_read_and_then_write_lose_no_update(store):
    threads = [threading.Thread(target=count_up, args=(store, 50)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store.rows("SELECT n FROM counters") == [{"n": 400}]


def test_two_processes_migrate_and_count_at_once(tmp_path):
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    path = tmp_path / "manualbot.db"
    processes = [context.Process(target=count_up_in_process, args=(path, barrier, 50)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    store = Store(path, (counters(),))
    assert [process.exitcode for process in processes] == [0, 0]
    assert store.rows("SELECT n FROM counters") == [{"n": 100}]
    store.close()


def open_and_close(path: Path) -> None:
    other = Store(path, (counters(),))
    other.rows("SELECT n FROM counters")
    other.close()


def test_another_process_that_ends_takes_nothing_from_one_that_opened_the_file_twice(store):
    again = Store(store.path, (counters(),))
    again.rows("SELECT n FROM counters")
    log = Path(f"{store.path}-wal")
    before = log.stat().st_ino
    process = multiprocessing.get_context("spawn").Process(target=open_and_close, args=(store.path,))
    process.start()
    process.join()
    count_up(store, 1)

    assert process.exitcode == 0
    assert log.stat().st_ino == before
    with closing(sqlite3.connect(store.path)) as afresh:
        assert afresh.execute("SELECT n FROM counters").fetchone() == (1,)
    again.close()


def test_each_thread_has_its_own_connection_and_it_is_closed_with_the_thread(store):
    seen = []

    def look():
        connection = store.db.conn
        seen.append((id(connection), weakref.ref(store._local.connection)))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    gc.collect()

    [(identity, connection)] = seen
    assert identity != id(store.db.conn)
    assert connection() is None


def test_a_connection_that_a_thread_is_using_is_closed_when_that_is_done(store):
    with store.transaction() as db:
        db.execute("CREATE TABLE kept (n)")
    begun, goes_on, connections = threading.Event(), threading.Event(), []

    def write():
        connections.append(store.db.conn)
        with store.transaction() as db:
            begun.set()
            goes_on.wait(20)
            with store.transaction() as inner:  # goes on in the same one
                inner.execute("INSERT INTO kept VALUES (1)")
            db.execute("INSERT INTO kept VALUES (2)")
        with pytest.raises(sqlite3.ProgrammingError):
            connections[0].execute("SELECT 1")
        assert store.rows("SELECT count(*) AS n FROM kept") == [{"n": 2}]  # with a new one

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        assert begun.wait(20)
        store.close()
        goes_on.set()
        writing.result(20)


def test_closing_again_and_again_beside_writers_loses_nothing(store):
    with store.transaction() as db:
        db.execute("CREATE TABLE kept (n)")
    ended = threading.Event()

    def close():
        while not ended.is_set():
            store.close()

    def write(n):
        for _ in range(30):
            with store.transaction() as db:
                db.execute("INSERT INTO kept VALUES (?)", [n])

    with ThreadPoolExecutor(5) as pool:
        closing_all = pool.submit(close)
        for writer in [pool.submit(write, n) for n in range(4)]:
            writer.result(60)
        ended.set()
        closing_all.result(20)
    assert store.rows("SELECT count(*) AS n FROM kept") == [{"n": 120}]


def test_what_is_committed_is_on_the_disk_whichever_thread_wrote_it(store):
    full = [{"synchronous": 2}]
    assert store.rows("PRAGMA synchronous") == full
    with ThreadPoolExecutor(3) as pool:
        assert [pool.submit(store.rows, "PRAGMA synchronous").result() for _ in range(6)] == [full] * 6
    store.close()
    assert store.rows("PRAGMA synchronous") == full


def test_a_closed_store_opens_again_on_use(store):
    store.close()

    assert store.rows("SELECT n FROM counters") == [{"n": 0}]


def test_each_package_has_its_own_migrations_and_the_order_is_kept(tmp_path):
    path = tmp_path / "manualbot.db"
    first = counters("alpha")
    Store(path, (first,)).close()

    @first()
    def m002_rename(db):
        db.execute("ALTER TABLE alpha RENAME COLUMN n TO n_hits")

    store = Store(path, (first, counters("beta")))

    assert store.rows("SELECT * FROM alpha") == [{"name": "hits", "n_hits": 0}]
    assert store.rows("SELECT migration_set, name FROM _sqlite_migrations ORDER BY id") == [
        {"migration_set": "alpha", "name": "m001_create"},
        {"migration_set": "alpha", "name": "m002_rename"},
        {"migration_set": "beta", "name": "m001_create"},
    ]
    store.close()


def test_a_migration_that_fails_leaves_the_tables_as_they_were(tmp_path):
    path = tmp_path / "manualbot.db"
    migrations = counters()
    Store(path, (migrations,)).close()

    @migrations()
    def m002_broken(db):
        db.execute("DROP TABLE counters")
        db.execute("SELECT * FROM no_such_table")

    with pytest.raises(StoreError, match="no such table"):
        Store(path, (migrations,))

    store = Store(path, (counters(),))
    assert store.rows("SELECT * FROM counters") == [{"name": "hits", "n": 0}]
    store.close()


def test_a_database_of_a_newer_version_is_refused_untouched(tmp_path):
    path = tmp_path / "manualbot.db"
    newer = counters()

    @newer()
    def m002_next_year(db):
        db.execute("ALTER TABLE counters ADD COLUMN colour TEXT")

    Store(path, (newer,)).close()

    with pytest.raises(StoreError, match=r"written by a newer manualbot \(m002_next_year of counters"):
        Store(path, (counters(),))


def test_the_tables_of_packages_not_in_use_are_no_obstacle(tmp_path):
    path = tmp_path / "manualbot.db"
    Store(path, (counters("training"),)).close()

    store = Store(path, (counters("alpha"),))

    assert store.rows("SELECT n FROM training") == [{"n": 0}]
    store.close()


@pytest.mark.parametrize(
    "content", [b"This is not a database. " * 100, b"SQLite format 3\x00" + b"\xff" * 4096]
)
def test_a_damaged_file_is_refused_with_the_next_step(tmp_path, content):
    path = tmp_path / "manualbot.db"
    path.write_bytes(content)

    with pytest.raises(
        StoreError, match="damaged: restore it from a backup, or move it away and index again"
    ):
        Store(path)


def test_damage_that_shows_later_is_told_the_same_way(tmp_path):
    path = tmp_path / "manualbot.db"
    store = Store(path, (counters(),))
    with store.transaction() as db:
        db.execute(
            "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 9000) "
            "INSERT INTO counters SELECT 'n' || i, i FROM s"
        )
    store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xa5" * (len(content) - 8192)
    path.write_bytes(content)

    with pytest.raises(StoreError, match="damaged"):
        Store(path, (counters(),)).rows("SELECT sum(n) FROM counters")


def test_a_writer_that_waits_too_long_is_told_so(tmp_path):
    path = tmp_path / "manualbot.db"
    store = Store(path, (counters(),), busy_timeout_s=0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreError, match="Another process is writing"), store.transaction():
        pass

    other.execute("ROLLBACK")
    other.close()
    store.close()


@pytest.mark.parametrize(("free", "next_step"), [(0, "Free some disk space"), (10**9, "how much of it")])
def test_a_disk_error_is_told_as_a_full_disk_where_the_disk_is_full(store, monkeypatch, free, next_step):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free))

    with pytest.raises(StoreError, match=rf"disk I/O error\. .*{next_step}"), store.transaction():
        raise sqlite3.OperationalError("disk I/O error")


def test_a_folder_in_the_place_of_the_database_is_told(tmp_path):
    (tmp_path / "manualbot.db").mkdir()
    with pytest.raises(StoreError, match="It is a folder: move it away"):
        Store(tmp_path / "manualbot.db")


def test_a_path_that_is_too_long_for_sqlite_is_told(tmp_path):
    with pytest.raises(StoreError, match="set MANUALBOT_HOME to a folder with a shorter one"):
        Store(tmp_path.joinpath(*["x" * 200] * 3) / "manualbot.db")


def test_a_folder_that_cannot_be_made_is_told_with_the_next_step(tmp_path):
    (tmp_path / "var").write_text("a file stands here")

    with pytest.raises(StoreError, match="MANUALBOT_HOME"):
        Store(tmp_path / "var" / "manualbot.db")


def test_a_broken_constraint_stays_an_integrity_error(store):
    with pytest.raises(sqlite3.IntegrityError), store.transaction() as db:
        db.execute("INSERT INTO counters VALUES ('hits', 1)")


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(-(2**63), 2**63 - 1))
def test_what_is_written_is_read_back(store, name, n):
    with store.transaction() as db:
        db.execute("DELETE FROM counters")
        db.execute("INSERT INTO counters VALUES (?, ?)", [name, n])

    assert store.rows("SELECT name, n FROM counters") == [{"name": name, "n": n}]


def test_only_its_owner_can_read_what_people_ask(tmp_path):
    umask = os.umask(0o022)
    try:
        with closing(Store(tmp_path / "home" / "manualbot.db", (counters(),))) as store, store.transaction():
            modes = {path.name: path.stat().st_mode & 0o077 for path in (tmp_path / "home").glob("*.db*")}
    finally:
        os.umask(umask)
    assert (tmp_path / "home").stat().st_mode & 0o077 == 0
    assert {"manualbot.db", "manualbot.db-wal"} <= modes.keys()
    assert {mode for name, mode in modes.items() if not name.endswith(".lock")} == {0}

"""What guards the tables on a PostgreSQL server: triggers, rows seen by their own trial alone, roles that only add.

Three things hold at once, and none rests on the others. The writers' role may INSERT and SELECT, and nothing else. It
sees and adds rows of the one trial that its transaction names. And triggers refuse every change of history to
everybody, the owner of the tables included. A text is erased by the event that says so, in a trigger, and by no other
way; scores as they stand are a view. So neither asks for a right to UPDATE or DELETE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from nof1.audit.chain import DOMAIN, GENESIS, HASHED
from nof1.storage.tables import GUARD_ADDED, GUARD_CHANGED, SCHEMA

if TYPE_CHECKING:
    from sqlalchemy import Connection

_PATH = "search_path=pg_catalog, pg_temp"
_WITH_OWNERS_RIGHTS = "erase"


def _record_bytes() -> str:
    """Return the expression of what `chain.record_bytes` hashes: to_json writes a text as canonical JSON does."""
    pairs = (f"'\"{name}\":' || coalesce(to_json(NEW.{name}::text)::text, 'null')" for name in sorted(HASHED))
    return "convert_to('{' || " + " || ',' || ".join(pairs) + " || '}', 'UTF8')"


FUNCTIONS = {
    "refuse": """
BEGIN
  RAISE EXCEPTION USING MESSAGE = TG_ARGV[0];
END
""",
    "follow": """
DECLARE
  last record;
  content bytea := RECORD_BYTES;
BEGIN
  SELECT seq, hash INTO last FROM nof1.event WHERE trial_id = NEW.trial_id ORDER BY seq DESC LIMIT 1;
  IF NEW.seq <> 1 + coalesce(last.seq, 0) OR NEW.prev_hash <> coalesce(last.hash, 'GENESIS') THEN
    RAISE EXCEPTION 'an event follows on the last one';
  END IF;
  IF json_typeof(NEW.payload::json) <> 'object' OR NEW.hash <> encode(sha256(
    int4send(length('DOMAIN')) || 'DOMAIN'::bytea || int4send(32) || decode(NEW.prev_hash, 'hex')
    || int4send(length(content)) || content), 'hex')
  THEN
    RAISE EXCEPTION 'an event carries the hash of its content';
  END IF;
  RETURN NEW;
END
""".replace("GENESIS", GENESIS)
    .replace("DOMAIN", DOMAIN)
    .replace("RECORD_BYTES", _record_bytes()),
    "erase": """
BEGIN
  DELETE FROM nof1.blob
  WHERE trial_id = NEW.trial_id AND sha256 = (
    SELECT payload::json -> (NEW.payload::json ->> 'field') ->> 'blob' FROM nof1.event
    WHERE trial_id = NEW.trial_id AND event_id = NEW.payload::json ->> 'event_id');
  RETURN NULL;
END
""",
    "keep_text": """
BEGIN
  IF pg_trigger_depth() < 2 THEN
    RAISE EXCEPTION 'a text is erased by the event that says so';
  END IF;
  RETURN OLD;
END
""",
}
"""Bodies of the trigger functions, in PL/pgSQL. `erase` alone runs with the rights of the owner of the tables."""

_ADDED = "'events are only added to'"
TRIGGERS = {
    "event_no_update": f"BEFORE UPDATE ON nof1.event FOR EACH ROW EXECUTE FUNCTION nof1.refuse({_ADDED})",
    "event_no_delete": f"BEFORE DELETE ON nof1.event FOR EACH ROW EXECUTE FUNCTION nof1.refuse({_ADDED})",
    "event_no_truncate": f"BEFORE TRUNCATE ON nof1.event FOR EACH STATEMENT EXECUTE FUNCTION nof1.refuse({_ADDED})",
    "event_follows": "BEFORE INSERT ON nof1.event FOR EACH ROW EXECUTE FUNCTION nof1.follow()",
    "event_erases": "AFTER INSERT ON nof1.event FOR EACH ROW WHEN ((new.kind = 'redacted'::text)) "
    "EXECUTE FUNCTION nof1.erase()",
    "blob_no_update": "BEFORE UPDATE ON nof1.blob FOR EACH ROW EXECUTE FUNCTION nof1.refuse('a text is erased or it stays')",
    "blob_no_delete": "BEFORE DELETE ON nof1.blob FOR EACH ROW EXECUTE FUNCTION nof1.keep_text()",
    "blob_no_truncate": "BEFORE TRUNCATE ON nof1.blob FOR EACH STATEMENT EXECUTE FUNCTION nof1.refuse("
    "'a text is erased or it stays')",
    "trial_no_change": "BEFORE DELETE OR UPDATE ON nof1.trial FOR EACH ROW EXECUTE FUNCTION nof1.refuse("
    "'a trial keeps its name')",
    "trial_no_truncate": "BEFORE TRUNCATE ON nof1.trial FOR EACH STATEMENT EXECUTE FUNCTION nof1.refuse("
    "'a trial keeps its name')",
}
"""By name, word for word as the server tells them, so that a changed one is noticed."""

_SCORES = """
CREATE OR REPLACE VIEW nof1.score_current WITH (security_invoker = true) AS
WITH entered AS (
  SELECT trial_id, seq, event_id, kind, version, payload::json AS form FROM nof1.event
  WHERE kind IN ('scores_entered', 'run_recorded', 'scores_imported')
), placed AS (
  SELECT e.trial_id, e.seq, e.event_id, one.row - 1 AS row, one.score ->> 'score' AS score, given ->> 'session' AS session,
    given ->> 'day' AS day, given ->> 'observed_at' AS observed_at, one.score ->> 'value' AS value,
    one.score ->> 'missing_reason' AS missing_reason
  FROM entered e CROSS JOIN LATERAL json_array_elements(coalesce(CASE
    WHEN e.kind <> 'scores_imported' THEN e.form -> 'values' WHEN e.version = 1 THEN e.form -> 'rows' END, '[]')
  ) WITH ORDINALITY AS one(score, row)
  CROSS JOIN LATERAL (SELECT CASE e.kind WHEN 'scores_imported' THEN one.score ELSE e.form END) AS shared(given)
  UNION ALL
  SELECT e.trial_id, e.seq, e.event_id, one.row - 1, one.score, one.session, one.day, one.observed_at, one.value,
    one.missing_reason
  FROM entered e CROSS JOIN LATERAL (
    SELECT CASE WHEN e.kind = 'scores_imported' AND e.version > 1 THEN e.form -> 'rows' END) AS by_column(rows)
  CROSS JOIN LATERAL ROWS FROM (
    json_array_elements_text(rows -> 'score'), json_array_elements_text(rows -> 'session'),
    json_array_elements_text(rows -> 'day'), json_array_elements_text(rows -> 'observed_at'),
    json_array_elements_text(rows -> 'value'), json_array_elements_text(rows -> 'missing_reason')
  ) WITH ORDINALITY AS one(score, session, day, observed_at, value, missing_reason, row)
), corrected AS (
  SELECT DISTINCT ON (trial_id, replaces, payload::json ->> 'row')
    trial_id, replaces, (payload::json ->> 'row')::integer AS row, seq, payload::json AS score,
    count(*) OVER (PARTITION BY trial_id, replaces, payload::json ->> 'row') AS n
  FROM nof1.event WHERE kind = 'score_corrected'
  ORDER BY trial_id, replaces, payload::json ->> 'row', seq DESC
)
SELECT p.trial_id, p.seq AS event_seq, p.row::integer AS row, p.score, p.session::integer AS session, p.day::integer AS day,
  p.observed_at,
  CASE WHEN c.seq IS NULL THEN p.value ELSE c.score ->> 'value' END AS value,
  CASE WHEN c.seq IS NULL THEN p.missing_reason ELSE c.score ->> 'missing_reason' END AS missing_reason,
  (1 + coalesce(c.n, 0))::integer AS n_versions, coalesce(c.seq, p.seq) AS last_seq
FROM placed p LEFT JOIN corrected c ON c.trial_id = p.trial_id AND c.replaces = p.event_id AND c.row = p.row
"""
_COLUMNS_SHOWN = text("SELECT pg_get_viewdef('nof1.score_current'::regclass) LIKE '%by_column%'")
_OWN_ROWS = "trial_id = current_setting('nof1.trial', true)"
_OWN_SHOWN = "(trial_id = current_setting('nof1.trial'::text, true))"
"""The same, as the server tells it."""
_GUARDED = ("event", "blob")
_TRIGGERS_FOUND = text("""
SELECT t.tgname, c.relname, pg_get_triggerdef(t.oid), t.tgenabled IN ('O', 'A')
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'nof1' AND NOT t.tgisinternal ORDER BY 1, 2
""")
_FUNCTIONS_FOUND = text("""
SELECT p.proname, p.prosrc, p.prosecdef, coalesce(array_to_string(p.proconfig, ';'), '')
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'nof1' ORDER BY 1
""")
_RULES_FOUND = text("""
SELECT r.rulename, c.relname FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'nof1' AND r.rulename <> '_RETURN' ORDER BY 1, 2
""")
_POLICIES_FOUND = text("""
SELECT policyname, tablename FROM pg_policies
WHERE schemaname = 'nof1' AND NOT (roles = ARRAY[policyname] AND permissive = 'PERMISSIVE' AND (
  cmd = 'ALL' AND qual = :own AND with_check = :own OR cmd = 'SELECT' AND qual = 'true'))
ORDER BY 1, 2
""")
_CLOSED_FOUND = text("""
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'nof1' AND c.relrowsecurity
""")
_OPENED_FOUND = text("""
SELECT DISTINCT held.relname
FROM (
  SELECT c.relname, c.relowner, c.relacl AS acl FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'nof1'
  UNION ALL
  SELECT c.relname, c.relowner, a.attacl FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid WHERE n.nspname = 'nof1'
) AS held CROSS JOIN LATERAL aclexplode(held.acl) AS given
WHERE given.grantee <> held.relowner AND given.privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER')
ORDER BY 1
""")


def set_guards(connection: Connection) -> None:
    """Make functions, triggers and the view of scores, beside tables that were just made.

    Parameters
    ----------
    connection : Connection
        Of the owner, in a transaction.
    """
    set_functions(connection)
    for name, definition in TRIGGERS.items():
        connection.exec_driver_sql(f"CREATE TRIGGER {name} {definition}")
    set_view(connection)
    for table in _GUARDED:
        connection.exec_driver_sql(f"ALTER TABLE {SCHEMA}.{table} ENABLE ROW LEVEL SECURITY")


def set_functions(connection: Connection) -> None:
    """Make the functions of the triggers as this version of nof1 has them; those of an earlier one are replaced.

    Parameters
    ----------
    connection : Connection
        Of the owner, in a transaction.
    """
    for name, body in FUNCTIONS.items():
        rights = "SECURITY DEFINER" if name == _WITH_OWNERS_RIGHTS else "SECURITY INVOKER"
        connection.exec_driver_sql(
            f"CREATE OR REPLACE FUNCTION {SCHEMA}.{name}() RETURNS trigger LANGUAGE plpgsql {rights} SET {_PATH} AS $body${body}$body$"
        )


def set_view(connection: Connection) -> None:
    """Make the view of scores as this version of nof1 reads them; one that an earlier version made is replaced.

    Parameters
    ----------
    connection : Connection
        Of the owner, in a transaction.
    """
    connection.exec_driver_sql(_SCORES)


def shows_columns(connection: Connection) -> bool:
    """Whether the view of scores reads rows that an event holds by column.

    Parameters
    ----------
    connection : Connection
        Of anybody who may read.

    Returns
    -------
    bool
        False: an earlier version of nof1 made it.
    """
    return bool(connection.execute(_COLUMNS_SHOWN).scalar_one())


def set_roles(connection: Connection, writer: str, reader: str) -> None:
    """Make the two roles where they are not there, and give them their rights and no other.

    Parameters
    ----------
    connection : Connection
        Of the owner, in a transaction.
    writer, reader : str
        Names of the roles, without anything to quote.
    """
    for role in (writer, reader):
        if not connection.execute(
            text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}
        ).first():
            connection.exec_driver_sql(f"CREATE ROLE {role} NOLOGIN")
    everything = f"ALL TABLES IN SCHEMA {SCHEMA}"
    statements = [
        f"REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC, {writer}, {reader}",
        f"REVOKE ALL ON {everything} FROM PUBLIC, {writer}, {reader}",
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO {writer}, {reader}",
        f"GRANT SELECT ON {everything} TO {writer}, {reader}",
        f"GRANT INSERT ON {SCHEMA}.trial, {SCHEMA}.event, {SCHEMA}.blob TO {writer}",
    ]
    for table in _GUARDED:
        place = f"ON {SCHEMA}.{table}"
        statements += [
            f"DROP POLICY IF EXISTS {writer} {place}",
            f"DROP POLICY IF EXISTS {reader} {place}",
            f"CREATE POLICY {writer} {place} TO {writer} USING ({_OWN_ROWS}) WITH CHECK ({_OWN_ROWS})",
            f"CREATE POLICY {reader} {place} FOR SELECT TO {reader} USING (true)",
        ]
    for statement in statements:
        connection.exec_driver_sql(statement)


def guard_faults(connection: Connection) -> tuple[str, ...]:
    """Say what should keep events from being changed and is not as it was made, and what was added to it.

    Parameters
    ----------
    connection : Connection
        Of anybody who may read.

    Returns
    -------
    tuple of str
        Sentences about triggers, functions, tables that show all rows to every writer, tables that others than the owner
        may change, and what nof1 did not make.
    """
    triggers = [
        (str(name), str(table), made, on) for name, table, made, on in connection.execute(_TRIGGERS_FOUND)
    ]
    active = {made for *_, made, on in triggers if on}
    ours = {(name, made.partition(" ON nof1.")[2].split()[0]) for name, made in TRIGGERS.items()}
    functions = {str(name): tuple(rest) for name, *rest in connection.execute(_FUNCTIONS_FOUND)}
    wanted = {name: (body, name == _WITH_OWNERS_RIGHTS, _PATH) for name, body in FUNCTIONS.items()}
    closed = set(connection.scalars(_CLOSED_FOUND))
    changed = (
        *(name for name, made in TRIGGERS.items() if f"CREATE TRIGGER {name} {made}" not in active),
        *(f"{name}()" for name, made in wanted.items() if functions.get(name) != made),
        *(f"of the rows of {table}" for table in _GUARDED if table not in closed),
        *(f"of the rights on {table}" for table in connection.scalars(_OPENED_FOUND)),
    )
    added = (
        *(f"trigger {name} on {table}" for name, table, *_ in triggers if (name, table) not in ours),
        *(f"function {name}()" for name in functions if name not in FUNCTIONS),
        *(f"rule {name} on {table}" for name, table in connection.execute(_RULES_FOUND)),
        *(
            f"policy {name} on {table}"
            for name, table in connection.execute(_POLICIES_FOUND, {"own": _OWN_SHOWN})
        ),
    )
    return (*map(GUARD_CHANGED.format, changed), *map(GUARD_ADDED.format, added))

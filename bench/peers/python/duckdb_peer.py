"""DuckDB: the bag rows, and the first array rows, as SQL."""

import duckdb
from work import PATTERN, Rows, Work, digest, digest_pairs

rows = Rows()
connection = duckdb.connect()


def query(sql):
    return connection.execute(sql).fetchall()


def of_query(name, sql, value):
    """Registers a row by its SQL; `{n}` stands for the size of that name."""

    def prepare(size):
        names = {key: x if isinstance(x, str) else int(x) for key, x in size.items()}
        text = sql.format(**names)
        return Work(lambda: query(text), value)

    rows[name] = prepare


def only(result):
    return result[0][0]


KEYS = "SELECT (range * 1031) % {keys} AS key, range % 100 AS amount FROM range({n})"
LINES = "read_csv('{path}', header=false, columns={{'line': 'VARCHAR'}}, delim='\\0', quote='', escape=''{more})"

of_query(
    "distinct",
    f"SELECT DISTINCT key FROM ({KEYS})",
    lambda found: digest(str(key) for (key,) in found),
)
of_query(
    "frequencies",
    "SELECT name, count(*) FROM (SELECT 'name-' || (range * 1031) % {keys} AS name FROM range({n})) GROUP BY name",
    digest_pairs,
)
of_query("foldby", f"SELECT key, sum(amount) FROM ({KEYS}) GROUP BY key", digest_pairs)
of_query(
    "groupby",
    f"SELECT key, len(group_) FROM (SELECT key, list({{{{'key': key, 'amount': amount}}}}) AS group_ FROM ({KEYS}) GROUP BY key)",
    digest_pairs,
)
of_query(
    "topk",
    "SELECT (range * 1031) % 1000003 AS x FROM range({n}) ORDER BY x DESC LIMIT {k}",
    lambda found: [x for (x,) in found],
)
of_query(
    "word-count",
    "SELECT word, count(*) FROM (SELECT unnest(string_split(line, ' ')) AS word FROM "
    + LINES.replace("{more}", "")
    + ") GROUP BY word",
    digest_pairs,
)
rows["memory-words"] = rows["word-count"]
of_query(
    "json-lines",
    "SELECT shop, sum(amount) FROM read_json('{path}', format='newline_delimited', "
    "columns={{'shop': 'VARCHAR', 'amount': 'BIGINT'}}) GROUP BY shop",
    digest_pairs,
)
SUMS = "SELECT shop, sum(amount) FROM {table} WHERE amount > 2000 GROUP BY shop"
SALES = "read_json('{path}', format='newline_delimited', columns={{'shop': 'VARCHAR', 'amount': 'BIGINT'}})"
for name, table in {
    "json-filter": SALES,
    "json-expressions": SALES,
    "csv-expressions": "read_csv('{path}')",
    "parquet-expressions": "read_parquet('{path}')",
}.items():
    of_query(name, SUMS.replace("{table}", table), digest_pairs)
of_query(
    "gzip-regexp",
    "SELECT count(*) FROM "
    + LINES.replace("{path}", "{path}/*.gz").replace("{more}", ", compression='gzip'")
    + f" WHERE regexp_matches(line, '{PATTERN}')",
    only,
)


@rows.row("join")
def join(size):
    n, others = int(size["n"]), int(size["others"])
    query(f"CREATE OR REPLACE TABLE others AS SELECT range AS id, range % 7 AS weight FROM range({others})")
    sql = (
        f"SELECT sum(amount * weight) FROM (SELECT (range * 1031) % {2 * others} AS key, "
        f"range % 100 AS amount FROM range({n})) JOIN others ON key = id"
    )
    return Work(lambda: query(sql), lambda result: int(only(result)))


@rows.row("elementwise")
def elementwise(size):
    n = int(size["n"])
    query(
        "CREATE OR REPLACE TABLE vectors AS SELECT (range % 1000)::DOUBLE AS x, "
        f"(range % 777)::DOUBLE AS y FROM range({n})"
    )
    sql = "SELECT sum(sqrt(x * x + y * y) * 2 + 1) FROM vectors"
    return Work(lambda: query(sql), only, close=lambda: query("DROP TABLE vectors"))


of_query("generated-chain", "SELECT avg(sqrt(range::DOUBLE * 2 + 1)) FROM range({n})", only)


def open_peer(_):
    return rows, connection.close

/** One of everything that makes a table hard to fill. */
export const NASTY = `
CREATE SCHEMA "odd Schema";
CREATE TYPE mood AS ENUM ('sad', 'ok', 'Happy', 'it''s');
CREATE DOMAIN email AS text CHECK (VALUE ~ '^[^@ ]+@[^@ ]+\\.[a-z]{2,}$');
CREATE DOMAIN positive AS integer NOT NULL CHECK (VALUE > 0) CHECK (VALUE <> 7);
CREATE DOMAIN strict_positive AS positive CHECK (VALUE < 1000);
CREATE TYPE address AS (street text, zip varchar(5), since date);
CREATE TYPE textrange AS RANGE (subtype = text);

CREATE TABLE tenants (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE,
  mail email NOT NULL, mood mood NOT NULL, "Weird ""Column""" int);
CREATE UNIQUE INDEX ON tenants (lower(name));
CREATE TABLE "odd Schema"."Odd Table" (tenant_id bigint NOT NULL REFERENCES tenants, number int NOT NULL,
  PRIMARY KEY (tenant_id, number), parent int, FOREIGN KEY (tenant_id, parent) REFERENCES "odd Schema"."Odd Table",
  title varchar(12), code char(3) NOT NULL CHECK (code ~ '^[A-Z]{2}[0-9]$'), UNIQUE (tenant_id, code));
CREATE TABLE everything (id serial PRIMARY KEY, small smallint, big bigint, n numeric, money_ numeric(10,2) NOT NULL,
  whole numeric(5), tiny numeric(3,3), r real, d double precision, ok boolean NOT NULL, txt text, v varchar(40), c char(10), ch "char", nm name,
  day date, t time, tz timetz, ts timestamp, tstz timestamptz NOT NULL, iv interval, u uuid, js json, jb jsonb,
  x bytea, ip inet, net cidr, mac macaddr, mac8 macaddr8, b bit(7), vb varbit(9), tv tsvector, tq tsquery, p point, bx box,
  arr int[] NOT NULL, tarr text[], marr mood[], addr address, addrs address[], ir int4range, dr daterange, tr tstzrange,
  tx textrange, mr int4multirange, mo money, o oid, lsn pg_lsn, dom strict_positive, mails email[],
  doubled bigint GENERATED ALWAYS AS (big * 2) STORED);
CREATE TABLE checked (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), status text NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'paid', 'void')),
  kind varchar(9) CHECK (kind = ANY (ARRAY['a', 'b'])), age int CHECK (age BETWEEN 18 AND 21), rate numeric(4,2) CHECK (rate > 12.5 AND rate <= 13),
  starts date NOT NULL, ends date NOT NULL, CHECK (starts < ends), sku text CHECK (sku LIKE 'SKU-%'), hexa text CHECK (hexa ~ '^0x[0-9a-f]{40}$'),
  pin text CHECK (length(pin) = 6), a int, b int, c int, CHECK (num_nonnulls(a, b, c) = 1), meta jsonb CHECK (jsonb_typeof(meta) = 'object'),
  paid_at timestamptz, CHECK ((status = 'paid') = (paid_at IS NOT NULL)), since date CHECK (since >= '2015-01-01'),
  tags text[] CHECK (cardinality(tags) BETWEEN 1 AND 3), low int CHECK (low >= 0), high int, CHECK (high > low), pct int CHECK (pct % 5 = 0));
CREATE TABLE booked (room int, during tsrange, EXCLUDE USING gist (during WITH &&));
CREATE TABLE later_unique (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, x int UNIQUE DEFERRABLE);
CREATE TABLE chicken (id int PRIMARY KEY, egg_id int NOT NULL);
CREATE TABLE egg (id int PRIMARY KEY, chicken_id int NOT NULL REFERENCES chicken);
ALTER TABLE chicken ADD FOREIGN KEY (egg_id) REFERENCES egg DEFERRABLE;
CREATE TABLE loop_a (id int PRIMARY KEY, code text);
CREATE TABLE loop_b (code text PRIMARY KEY CHECK (code ~ '^[a-z]{3}$'), a int NOT NULL REFERENCES loop_a);
ALTER TABLE loop_a ADD FOREIGN KEY (code) REFERENCES loop_b;
CREATE TABLE pairs (one bigint REFERENCES tenants, two bigint REFERENCES tenants, PRIMARY KEY (one, two), CHECK (one < two));
CREATE TABLE profile (tenant_id bigint PRIMARY KEY REFERENCES tenants, bio text);
CREATE TABLE tree (id int PRIMARY KEY, up int NOT NULL REFERENCES tree, CHECK (up <= id));
CREATE TABLE full_match (id int PRIMARY KEY, a bigint, b int, FOREIGN KEY (a, b) REFERENCES "odd Schema"."Odd Table" MATCH FULL);
CREATE TABLE by_list (region text NOT NULL, v int) PARTITION BY LIST (region);
CREATE TABLE by_list_eu PARTITION OF by_list FOR VALUES IN ('eu', 'ch');
CREATE TABLE by_list_us PARTITION OF by_list FOR VALUES IN ('us');
CREATE TABLE by_range (id int, at timestamptz NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE by_range_24 PARTITION OF by_range FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE by_range_25 PARTITION OF by_range FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY HASH (id);
CREATE TABLE by_range_25_0 PARTITION OF by_range_25 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE by_range_25_1 PARTITION OF by_range_25 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE by_default (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE by_default_low PARTITION OF by_default FOR VALUES FROM (MINVALUE) TO (10);
CREATE TABLE by_default_rest PARTITION OF by_default DEFAULT;
CREATE TABLE guarded (id int PRIMARY KEY, x text);
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY; ALTER TABLE guarded FORCE ROW LEVEL SECURITY;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON guarded FOR EACH ROW EXECUTE FUNCTION refuse();
ALTER TABLE guarded ENABLE ALWAYS TRIGGER refuse;
CREATE TABLE ruled (id int PRIMARY KEY);
CREATE RULE nothing AS ON INSERT TO ruled DO INSTEAD NOTHING;
CREATE TABLE always_ruled (id int PRIMARY KEY);
CREATE RULE nothing AS ON INSERT TO always_ruled DO INSTEAD NOTHING;
ALTER TABLE always_ruled ENABLE ALWAYS RULE nothing;
CREATE FUNCTION is_fine(int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 > 3';
CREATE TABLE asks (id int PRIMARY KEY, x int NOT NULL CHECK (is_fine(x)));
CREATE TABLE base_table (id int, common text);
CREATE TABLE heir (extra int) INHERITS (base_table);
CREATE TABLE nothing_in_it ();
CREATE TABLE lookups (code text PRIMARY KEY, id int UNIQUE);
INSERT INTO lookups VALUES ('one', 1), ('two', 5000);
CREATE TABLE uses_lookup (id int PRIMARY KEY, code text NOT NULL REFERENCES lookups);
CREATE VIEW all_tenants AS SELECT * FROM tenants;
`

/** Tables that nothing fits in, each with its reason. */
export const IMPOSSIBLE = `
CREATE TABLE never (id int UNIQUE CHECK (id > 3 AND id < 3), x int NOT NULL, CHECK (id IS NOT NULL));
CREATE TABLE needs_never (id int PRIMARY KEY, x int NOT NULL REFERENCES never (id));
CREATE TABLE stuck_a (id int PRIMARY KEY, code text NOT NULL);
CREATE TABLE stuck_b (code text PRIMARY KEY CHECK (code ~ '^[a-z]{3}$'), a int NOT NULL REFERENCES stuck_a);
ALTER TABLE stuck_a ADD FOREIGN KEY (code) REFERENCES stuck_b;
CREATE TABLE no_partition (id int NOT NULL) PARTITION BY LIST (id);
CREATE FUNCTION sleepy(int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM pg_sleep(60); RETURN true; END';
CREATE TABLE slow (id int PRIMARY KEY, x int NOT NULL CHECK (sleepy(x)));
`

/** What looks like good practice, and is not quite it. */
export const SLIPPED: readonly (readonly [sql: string, code: string, subject?: string])[] = [
  // A view under a table's old name that is not quite the table.
  ...[
    'CREATE VIEW orders AS SELECT id, user_id, status, total FROM sales',
    'CREATE VIEW orders AS SELECT * FROM sales OFFSET 0',
    'CREATE VIEW orders AS SELECT * FROM sales FOR UPDATE',
    'CREATE VIEW orders AS SELECT * FROM ONLY sales',
    'CREATE VIEW orders WITH (security_barrier = true) AS SELECT * FROM sales',
    "CREATE VIEW orders AS SELECT * FROM sales; ALTER VIEW orders ALTER status SET DEFAULT 'paid'",
    'CREATE VIEW orders AS SELECT * FROM sales; CREATE RULE r AS ON DELETE TO orders DO INSTEAD NOTHING',
    'CREATE VIEW orders AS SELECT * FROM sales; CREATE TRIGGER t INSTEAD OF INSERT ON orders FOR EACH ROW EXECUTE FUNCTION touch()',
  ].map(
    (view) => [`ALTER TABLE orders RENAME TO sales; ${view}`, 'compat/rename-table', 'table public.orders'] as const,
  ),
  [
    "CREATE OR REPLACE VIEW grown AS SELECT id, email, unnest('{}'::int[]) AS more FROM users WHERE age > 17",
    'compat/replace-view',
    'view public.grown',
  ],
  [
    'CREATE OR REPLACE VIEW grown AS SELECT id, email, row_number() OVER () AS more FROM users WHERE age > 17',
    'compat/replace-view',
    'view public.grown',
  ],
  [
    'CREATE OR REPLACE VIEW grown AS SELECT id, email, (SELECT o.id FROM orders o) AS more FROM users WHERE age > 17',
    'compat/replace-view',
    'view public.grown',
  ],
  [
    'ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey; ALTER TABLE orders ADD CONSTRAINT other FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE NOT VALID',
    'compat/change-constraint',
    'constraint public.orders.other',
  ],
  ["ALTER FUNCTION counted() SET search_path = ''", 'compat/change-function', 'function public.counted()'],
  ['ALTER FUNCTION total_of SET transaction_read_only = on', 'compat/change-function'],
  ["ALTER FUNCTION total_of SET timezone = 'Asia/Tokyo'", 'compat/change-function'],
  [
    "DROP FUNCTION total_of; CREATE FUNCTION total_of(u bigint, v int DEFAULT 0) RETURNS numeric LANGUAGE sql STABLE AS 'SELECT 1.0'",
    'compat/change-function',
    'function public.total_of',
  ],
  ['ALTER TABLE audit ALTER id SET DEFAULT 7', 'compat/change-default', 'column public.audit.id'],
  [
    "CREATE SEQUENCE audit_ids; ALTER TABLE audit ALTER id SET DEFAULT nextval('audit_ids')",
    'compat/change-default',
    'column public.audit.id',
  ],
  [
    "CREATE FUNCTION boom() RETURNS text LANGUAGE sql AS 'SELECT NULL::text'; ALTER TABLE orders ALTER status SET DEFAULT boom()",
    'compat/change-default',
    'column public.orders.status',
  ],
  ['ALTER TABLE orders ALTER total SET DEFAULT nullif(1, 1)', 'compat/change-default', 'column public.orders.total'],
]

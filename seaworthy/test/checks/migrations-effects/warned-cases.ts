/** What passes with a warning: SQL, its code, and the subject. */
export const WARNED: readonly (readonly [sql: string, code: string, subject: string])[] = [
  ['ALTER TABLE users ALTER nickname SET STATISTICS 0', 'compat/slower-plans', 'column public.users.nickname'],
  ['ALTER FUNCTION counted() SET enable_indexscan = off', 'compat/slower-plans', 'function public.counted()'],
  ["ALTER FUNCTION counted() SET work_mem = '64kB'", 'compat/slower-plans', 'function public.counted()'],
  ["ALTER FUNCTION counted() SET lock_timeout = '5ms'", 'compat/slower-plans', 'function public.counted()'],
  ['ALTER TABLE users ENABLE ALWAYS TRIGGER touch', 'compat/create-trigger', 'trigger public.users.touch'],
  [
    'CREATE TRIGGER again BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch(); ALTER TABLE users ENABLE ALWAYS TRIGGER again',
    'compat/create-trigger',
    'trigger public.users.again',
  ],
  ['ALTER TRIGGER watch ON users RENAME TO a_watch', 'compat/rename-constraint', 'trigger watch on public.users'],
  ['ALTER SEQUENCE orders_id_seq OWNED BY users.age', 'compat/own-sequence', 'sequence public.orders_id_seq'],
  [
    'ALTER TABLE orders ALTER CONSTRAINT orders_user_id_fkey DEFERRABLE INITIALLY DEFERRED',
    'compat/restrict-writes',
    'constraint public.orders.orders_user_id_fkey',
  ],
  [
    'CREATE TABLE copied AS SELECT id, total FROM orders; REVOKE ALL ON copied FROM app; GRANT SELECT ON copied TO app',
    'security/copy-around-rights',
    'table public.copied',
  ],
  ['CREATE VIEW shown AS SELECT id, total FROM orders', 'security/copy-around-rights', 'view public.shown'],
]

import type { Place } from './host.ts'
import { quotedName } from '../sql/identifier.ts'
import type { Roles } from './roles.ts'

/** Whether a folder is the migrations folder of a Supabase project. */
export const isSupabase = (folder: string): boolean => /(^|\/)supabase\/migrations$/.test(folder)

/**
 * What every Supabase project has before its first migration, as far as migrations refer to it. Source: the public
 * documentation of Supabase ("Postgres roles", "Managing user data", "Storage schema", "Row Level Security").
 */
const SUPABASE_SQL = [
  'CREATE ROLE anon NOLOGIN',
  'CREATE ROLE authenticated NOLOGIN',
  'CREATE ROLE service_role NOLOGIN BYPASSRLS',
  'CREATE ROLE authenticator NOLOGIN NOINHERIT',
  'CREATE ROLE supabase_admin NOLOGIN',
  'CREATE ROLE supabase_auth_admin NOLOGIN',
  'CREATE ROLE supabase_storage_admin NOLOGIN',
  'CREATE ROLE dashboard_user NOLOGIN',
  'GRANT anon, authenticated, service_role TO authenticator',
  'CREATE SCHEMA extensions',
  'CREATE SCHEMA auth AUTHORIZATION supabase_auth_admin',
  'CREATE SCHEMA storage AUTHORIZATION supabase_storage_admin',
  'CREATE SCHEMA realtime AUTHORIZATION supabase_admin',
  'CREATE SCHEMA graphql_public AUTHORIZATION supabase_admin',
  'GRANT USAGE ON SCHEMA public, extensions, auth, storage, realtime, graphql_public TO anon, authenticated, service_role',
  'CREATE EXTENSION IF NOT EXISTS pgcrypto SCHEMA extensions',
  'CREATE EXTENSION IF NOT EXISTS "uuid-ossp" SCHEMA extensions',
  `CREATE TABLE auth.users (
     instance_id uuid, id uuid PRIMARY KEY, aud varchar(255), role varchar(255), email varchar(255),
     encrypted_password varchar(255), email_confirmed_at timestamptz, invited_at timestamptz,
     last_sign_in_at timestamptz, raw_app_meta_data jsonb, raw_user_meta_data jsonb, is_super_admin boolean,
     created_at timestamptz, updated_at timestamptz, phone text UNIQUE, phone_confirmed_at timestamptz,
     confirmed_at timestamptz, banned_until timestamptz, deleted_at timestamptz,
     is_sso_user boolean NOT NULL DEFAULT false, is_anonymous boolean NOT NULL DEFAULT false)`,
  'ALTER TABLE auth.users OWNER TO supabase_auth_admin',
  `CREATE TABLE storage.buckets (
     id text PRIMARY KEY, name text NOT NULL UNIQUE, owner uuid, created_at timestamptz DEFAULT now(),
     updated_at timestamptz DEFAULT now(), public boolean DEFAULT false, avif_autodetection boolean DEFAULT false,
     file_size_limit bigint, allowed_mime_types text[], owner_id text)`,
  `CREATE TABLE storage.objects (
     id uuid PRIMARY KEY DEFAULT gen_random_uuid(), bucket_id text REFERENCES storage.buckets, name text, owner uuid,
     created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now(),
     last_accessed_at timestamptz DEFAULT now(), metadata jsonb, version text, owner_id text, user_metadata jsonb)`,
  'ALTER TABLE storage.objects ENABLE ROW LEVEL SECURITY',
  'ALTER TABLE storage.buckets ENABLE ROW LEVEL SECURITY',
  `CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS
     $$ SELECT nullif(current_setting('request.jwt.claim.sub', true), '')::uuid $$`,
  `CREATE FUNCTION auth.role() RETURNS text LANGUAGE sql STABLE AS
     $$ SELECT nullif(current_setting('request.jwt.claim.role', true), '') $$`,
  `CREATE FUNCTION auth.email() RETURNS text LANGUAGE sql STABLE AS
     $$ SELECT nullif(current_setting('request.jwt.claim.email', true), '') $$`,
  `CREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql STABLE AS
     $$ SELECT nullif(current_setting('request.jwt.claims', true), '')::jsonb $$`,
  `CREATE FUNCTION storage.foldername(name text) RETURNS text[] LANGUAGE sql IMMUTABLE AS
     $$ SELECT (string_to_array(name, '/'))[1 : cardinality(string_to_array(name, '/')) - 1] $$`,
  `CREATE FUNCTION storage.filename(name text) RETURNS text LANGUAGE sql IMMUTABLE AS
     $$ SELECT (string_to_array(name, '/'))[cardinality(string_to_array(name, '/'))] $$`,
  `CREATE FUNCTION storage.extension(name text) RETURNS text LANGUAGE sql IMMUTABLE AS
     $$ SELECT reverse(split_part(reverse(name), '.', 1)) $$`,
  'CREATE PUBLICATION supabase_realtime',
]

/** Makes the roles, schemas, tables and functions of Supabase exist. Before `setUpRoles`, as an administrator. */
export async function setUpSupabase(place: Place): Promise<void> {
  for (const statement of SUPABASE_SQL) await place.admin.query(statement)
  await place.admin.query(`ALTER DATABASE ${quotedName(place.database)} SET search_path = "$user", public, extensions`)
}

/** What the deploy role may do in a Supabase project, where it is called postgres. After `setUpRoles`. */
export async function grantSupabase(place: Place, roles: Roles): Promise<void> {
  const deploy = quotedName(roles.owning)
  await place.admin.query(
    `GRANT anon, authenticated, service_role, supabase_auth_admin, supabase_storage_admin TO ${deploy}`,
  )
  await place.admin.query(`GRANT USAGE, CREATE ON SCHEMA extensions, auth, storage, realtime TO ${deploy}`)
  await place.admin.query(`GRANT ALL ON ALL TABLES IN SCHEMA auth, storage TO ${deploy}`)
  await place.admin.query(`ALTER TABLE storage.objects OWNER TO ${deploy}`)
  await place.admin.query(`ALTER TABLE storage.buckets OWNER TO ${deploy}`)
  await place.admin.query(`ALTER PUBLICATION supabase_realtime OWNER TO ${deploy}`)
  await place.admin.query(
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${deploy} IN SCHEMA public GRANT ALL ON TABLES TO anon, authenticated, service_role`,
  )
}

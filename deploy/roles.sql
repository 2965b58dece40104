-- The role that serves: it reads and writes rows, and changes no table. Run this as the owner of the tables (on Supabase:
-- postgres) after `back upgrade head`; it may run again at any time. With another DATABASE_SCHEMA, replace public by its name.
do $$ begin
  create role back_app login;
exception when duplicate_object or unique_violation then null;
end $$;

-- A pooler passes no settings on. The settings of a role hold behind one too.
alter role back_app set statement_timeout = '10s';
alter role back_app set idle_in_transaction_session_timeout = '30s';

revoke create on schema public from PUBLIC;
grant usage on schema public to back_app;
grant select, insert, update, delete on all tables in schema public to back_app;
grant usage on all sequences in schema public to back_app;

-- The objects of later revisions.
alter default privileges in schema public grant select, insert, update, delete on tables to back_app;
alter default privileges in schema public grant usage on sequences to back_app;

-- Only the owner records applied revisions, removes rows from the audit log and moves the ends of its chains.
revoke insert, update, delete on public.alembic_version, public.back_revisions from back_app;
revoke update, delete on public.audit_events from back_app;
revoke insert, update, delete on public.audit_cuts, public.audit_chains from back_app;

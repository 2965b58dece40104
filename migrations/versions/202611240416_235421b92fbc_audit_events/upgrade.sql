-- Audit events: append-only, linked into hash chains, partitioned by month
--
-- Revision ID: 235421b92fbc
-- Revises: a0938c45a13e
-- Create Date: 2026-11-24 04:16

CREATE TABLE "audit_events" (
	"id" uuid NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"event" text NOT NULL,
	"actor_id" uuid,
	"subject_id" uuid,
	"session_id" uuid,
	"ip" text,
	"user_agent" text,
	"request_id" text,
	"details" jsonb DEFAULT '{}' NOT NULL,
	"chain" smallint,
	"seq" bigint,
	"hash" bytea,
	CONSTRAINT "audit_events_pkey" PRIMARY KEY("created_at","id")
) PARTITION BY RANGE ("created_at");

CREATE TABLE "audit_chains" (
	"chain" smallint,
	"seq" bigint,
	"hash" bytea NOT NULL,
	CONSTRAINT "audit_chains_pkey" PRIMARY KEY("chain","seq")
);

CREATE TABLE "audit_cuts" (
	"chain" smallint,
	"seq" bigint,
	"hash" bytea NOT NULL,
	CONSTRAINT "audit_cuts_pkey" PRIMARY KEY("chain","seq")
);

CREATE INDEX "audit_events_event_idx" ON "audit_events" ("event","created_at","id");

CREATE INDEX "audit_events_actor_id_idx" ON "audit_events" ("actor_id","created_at","id");

CREATE INDEX "audit_events_subject_id_idx" ON "audit_events" ("subject_id","created_at","id");

-- Takes what no month's partition takes, so that an insert never fails.
CREATE TABLE "audit_events_default" PARTITION OF "audit_events" DEFAULT;

-- This month and the next two; the application makes the later ones.
-- lint: allow cannot-see because the text is built from the month alone
DO $$
DECLARE
	month timestamp := date_trunc('month', now() AT TIME ZONE 'UTC');
BEGIN
	FOR ahead IN 0..2 LOOP
		EXECUTE format('CREATE TABLE audit_events_%s PARTITION OF audit_events FOR VALUES FROM (%L) TO (%L)',
			to_char(month, 'YYYY_MM'), month::text || '+00', (month + interval '1 month')::text || '+00');
		month := month + interval '1 month';
	END LOOP;
END $$;

-- Links a row to the one before it in its connection's chain. It runs inside COMMIT, after everything else that the
-- transaction does, so a chain is locked while the server commits and never while a client thinks. The chain's last link
-- is replaced, not updated: found from the end, it costs the same however many dead ones an old snapshot keeps.
CREATE FUNCTION "audit_events_link"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
	own smallint := pg_backend_pid() % 16;
	link bigint;
	previous bytea;
	linked bytea;
BEGIN
	PERFORM pg_advisory_xact_lock(581130744, own);
	EXECUTE format('SELECT seq, hash FROM %I.audit_chains WHERE chain = $1 ORDER BY seq DESC LIMIT 1', TG_TABLE_SCHEMA)
		INTO link, previous USING own;
	link := coalesce(link, 0) + 1;
	linked := sha256(coalesce(previous, '') || convert_to(jsonb_build_array(own, link, NEW.id,
		extract(epoch FROM NEW.created_at), NEW.event, NEW.actor_id, NEW.subject_id, NEW.session_id, NEW.ip,
		NEW.user_agent, NEW.request_id, NEW.details)::text, 'UTF8'));
	EXECUTE format('UPDATE %I.%I SET chain = $1, seq = $2, hash = $3 WHERE created_at = $4 AND id = $5',
		TG_TABLE_SCHEMA, TG_TABLE_NAME) USING own, link, linked, NEW.created_at, NEW.id;
	EXECUTE format('INSERT INTO %I.audit_chains VALUES ($1, $2, $3)', TG_TABLE_SCHEMA) USING own, link, linked;
	EXECUTE format('DELETE FROM %I.audit_chains WHERE chain = $1 AND seq = $2', TG_TABLE_SCHEMA) USING own, link - 1;
	RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER "audit_events_link" AFTER INSERT ON "audit_events"
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "audit_events_link"();

-- The one change that a row ever sees is that its link is filled in.
CREATE FUNCTION "audit_events_refuse_change"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
	IF TG_OP = 'UPDATE' THEN
		IF OLD.hash IS NULL AND NEW.hash IS NOT NULL AND
			to_jsonb(NEW) - '{chain,seq,hash}'::text[] = to_jsonb(OLD) - '{chain,seq,hash}'::text[] THEN
			RETURN NEW;
		END IF;
	END IF;
	RAISE EXCEPTION 'audit events are append-only: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER "audit_events_refuse_change" BEFORE UPDATE OR DELETE ON "audit_events"
	FOR EACH ROW EXECUTE FUNCTION "audit_events_refuse_change"();

CREATE TRIGGER "audit_events_refuse_truncate" BEFORE TRUNCATE ON "audit_events"
	FOR EACH STATEMENT EXECUTE FUNCTION "audit_events_refuse_change"();

-- jobs
--
-- Revision ID: 3b0e365fc5cb
-- Revises: 08bb376f7a3b
-- Create Date: 2026-11-27 16:17

CREATE TABLE "jobs" (
  "id" uuid PRIMARY KEY,
  "kind" text NOT NULL,
  "payload" jsonb NOT NULL,
  "dedupe_key" text,
  "run_at" timestamp with time zone DEFAULT now() NOT NULL,
  "attempts" integer DEFAULT 0 NOT NULL,
  "max_attempts" integer NOT NULL,
  "locked_until" timestamp with time zone,
  "last_error" text,
  "state" text DEFAULT 'pending' NOT NULL,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "finished_at" timestamp with time zone,
  CONSTRAINT "jobs_dedupe_key" UNIQUE("kind","dedupe_key"),
  CONSTRAINT "jobs_state_check" CHECK ("state" in ('pending', 'done', 'dead'))
);

CREATE INDEX "jobs_pending_idx" ON "jobs" ("run_at") WHERE "state" = 'pending';

CREATE INDEX "jobs_dead_idx" ON "jobs" ("id") WHERE "state" = 'dead';

CREATE INDEX "jobs_done_idx" ON "jobs" ("finished_at") WHERE "state" = 'done';

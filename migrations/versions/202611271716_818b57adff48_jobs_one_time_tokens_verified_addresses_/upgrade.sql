-- jobs, one-time tokens, verified addresses and languages
--
-- Revision ID: 818b57adff48
-- Revises: 34155d6d0d8d
-- Create Date: 2026-11-27 17:16

CREATE TABLE "one_time_tokens" (
  "id" uuid PRIMARY KEY,
  "user_id" uuid NOT NULL,
  "purpose" text NOT NULL,
  "email" text NOT NULL,
  "key_id" text NOT NULL,
  "expires_at" timestamp with time zone NOT NULL,
  "code_expires_at" timestamp with time zone,
  "code_attempts" integer DEFAULT 0 NOT NULL,
  "used_at" timestamp with time zone,
  "data" jsonb DEFAULT '{}' NOT NULL,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL
);

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

ALTER TABLE "users" ADD COLUMN "email_verified_at" timestamp with time zone;

ALTER TABLE "users" ADD COLUMN "locale" text;

ALTER TABLE "users" ALTER COLUMN "password_hash" DROP NOT NULL;

CREATE INDEX "one_time_tokens_user_id_idx" ON "one_time_tokens" ("user_id");

CREATE UNIQUE INDEX "one_time_tokens_open_idx" ON "one_time_tokens" ("user_id","purpose") WHERE "used_at" is null and "purpose" not in ('undo_email_change', 'secure_account');

CREATE INDEX "one_time_tokens_email_idx" ON "one_time_tokens" ("email","purpose");

CREATE INDEX "one_time_tokens_expires_at_idx" ON "one_time_tokens" ("expires_at");

CREATE INDEX "jobs_pending_idx" ON "jobs" ("run_at") WHERE "state" = 'pending';

CREATE INDEX "jobs_dead_idx" ON "jobs" ("id") WHERE "state" = 'dead';

CREATE INDEX "jobs_done_idx" ON "jobs" ("finished_at") WHERE "state" = 'done';

ALTER TABLE "one_time_tokens" ADD CONSTRAINT "one_time_tokens_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;

-- verified addresses, languages, accounts without a password, and one-time tokens
--
-- Revision ID: 2a2c8f505e44
-- Revises: 3b0e365fc5cb
-- Create Date: 2026-11-27 16:41

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

ALTER TABLE "users" ADD COLUMN "email_verified_at" timestamp with time zone;

ALTER TABLE "users" ADD COLUMN "locale" text;

ALTER TABLE "users" ALTER COLUMN "password_hash" DROP NOT NULL;

CREATE INDEX "one_time_tokens_user_id_idx" ON "one_time_tokens" ("user_id");

CREATE UNIQUE INDEX "one_time_tokens_open_idx" ON "one_time_tokens" ("user_id","purpose") WHERE "used_at" is null and "purpose" not in ('undo_email_change', 'secure_account');

CREATE INDEX "one_time_tokens_email_idx" ON "one_time_tokens" ("email","purpose");

CREATE INDEX "one_time_tokens_expires_at_idx" ON "one_time_tokens" ("expires_at");

ALTER TABLE "one_time_tokens" ADD CONSTRAINT "one_time_tokens_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;

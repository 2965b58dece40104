-- passkeys
--
-- Revision ID: 343b2c8e0e31
-- Revises: 4871e33ae192
-- Create Date: 2026-11-28 00:04

CREATE TABLE "passkeys" (
  "id" uuid PRIMARY KEY,
  "user_id" uuid NOT NULL,
  "credential_id" text NOT NULL CONSTRAINT "passkeys_credential_id_key" UNIQUE,
  "public_key" text NOT NULL,
  "name" text NOT NULL,
  "transports" text[] NOT NULL,
  "counter" bigint NOT NULL,
  "is_synced" boolean NOT NULL,
  "backed_up" boolean NOT NULL,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "last_used_at" timestamp with time zone
);

CREATE TABLE "used_challenges" (
  "id" uuid PRIMARY KEY,
  "expires_at" timestamp with time zone NOT NULL
);

CREATE INDEX "passkeys_user_id_idx" ON "passkeys" ("user_id","id");

CREATE INDEX "used_challenges_expires_at_idx" ON "used_challenges" ("expires_at");

ALTER TABLE "passkeys" ADD CONSTRAINT "passkeys_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;

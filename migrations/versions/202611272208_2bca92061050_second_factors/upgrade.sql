-- second factors
--
-- Revision ID: 2bca92061050
-- Revises: a21fb4e75653
-- Create Date: 2026-11-27 22:08

CREATE TABLE "factors" (
  "id" uuid PRIMARY KEY,
  "user_id" uuid NOT NULL,
  "type" text NOT NULL,
  "name" text NOT NULL,
  "sealed_secret" text NOT NULL,
  "key_id" text NOT NULL,
  "is_active" boolean DEFAULT false NOT NULL,
  "last_step" bigint,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "last_used_at" timestamp with time zone,
  CONSTRAINT "factors_type_check" CHECK ("type" in ('totp'))
);

CREATE TABLE "recovery_codes" (
  "user_id" uuid PRIMARY KEY,
  "set_id" uuid NOT NULL,
  "key_id" text NOT NULL,
  "used" integer DEFAULT 0 NOT NULL,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT "recovery_codes_used_check" CHECK ("used" between 0 and 1023)
);

CREATE TABLE "mfa_challenges" (
  "id" uuid PRIMARY KEY,
  "user_id" uuid NOT NULL,
  "purpose" text NOT NULL,
  "key_id" text NOT NULL,
  "amr" text NOT NULL,
  "password_version" integer NOT NULL,
  "attempts" integer DEFAULT 0 NOT NULL,
  "expires_at" timestamp with time zone NOT NULL,
  CONSTRAINT "mfa_challenges_purpose_check" CHECK ("purpose" in ('second_factor', 'enrollment'))
);

ALTER TABLE "users" ADD COLUMN "has_factor" boolean DEFAULT false NOT NULL;

-- Sessions that are open already count as proved long ago.
ALTER TABLE "sessions" ADD COLUMN "authenticated_at" timestamp with time zone DEFAULT 'epoch' NOT NULL;

ALTER TABLE "sessions" ALTER COLUMN "authenticated_at" SET DEFAULT now();

ALTER TABLE "sessions" ADD COLUMN "amr" text DEFAULT 'pwd' NOT NULL;

CREATE INDEX "factors_user_id_idx" ON "factors" ("user_id");

CREATE INDEX "factors_key_id_idx" ON "factors" ("key_id");

CREATE INDEX "mfa_challenges_user_id_idx" ON "mfa_challenges" ("user_id");

CREATE INDEX "mfa_challenges_expires_at_idx" ON "mfa_challenges" ("expires_at");

ALTER TABLE "factors" ADD CONSTRAINT "factors_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;

ALTER TABLE "recovery_codes" ADD CONSTRAINT "recovery_codes_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;

ALTER TABLE "mfa_challenges" ADD CONSTRAINT "mfa_challenges_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;

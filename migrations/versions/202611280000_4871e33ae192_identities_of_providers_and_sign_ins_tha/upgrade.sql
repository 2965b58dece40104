-- identities of providers, and sign-ins that came back
--
-- Revision ID: 4871e33ae192
-- Revises: 2bca92061050
-- Create Date: 2026-11-28 00:00

CREATE TABLE "identities" (
  "id" uuid PRIMARY KEY,
  "user_id" uuid NOT NULL,
  "provider" text NOT NULL,
  "issuer" text NOT NULL,
  "subject" text NOT NULL,
  "email" text,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "last_used_at" timestamp with time zone,
  CONSTRAINT "identities_issuer_subject_key" UNIQUE("issuer","subject")
);

CREATE TABLE "oauth_flows" (
  "id" uuid PRIMARY KEY,
  "identity_id" uuid,
  "code_challenge" text,
  "key_id" text,
  "code_expires_at" timestamp with time zone,
  "used_at" timestamp with time zone,
  "expires_at" timestamp with time zone NOT NULL
);

CREATE INDEX "identities_user_id_idx" ON "identities" ("user_id","id");

CREATE INDEX "oauth_flows_identity_id_idx" ON "oauth_flows" ("identity_id");

CREATE INDEX "oauth_flows_expires_at_idx" ON "oauth_flows" ("expires_at");

ALTER TABLE "identities" ADD CONSTRAINT "identities_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;

ALTER TABLE "oauth_flows" ADD CONSTRAINT "oauth_flows_identity_id_identities_id_fkey" FOREIGN KEY ("identity_id") REFERENCES "identities"("id") ON DELETE CASCADE;

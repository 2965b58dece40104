-- users, sessions and items
--
-- Revision ID: 3bd489246313
-- Revises:
-- Branch Labels: kit
-- Create Date: 2026-11-24 02:55

CREATE TABLE "users" (
	"id" uuid PRIMARY KEY,
	"email" text NOT NULL CONSTRAINT "users_email_key" UNIQUE,
	"name" text,
	"password_hash" text NOT NULL,
	"password_version" integer DEFAULT 0 NOT NULL,
	"role" text DEFAULT 'user' NOT NULL,
	"is_active" boolean DEFAULT true NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "users_role_check" CHECK ("role" in ('user', 'admin'))
);

CREATE TABLE "sessions" (
	"id" uuid PRIMARY KEY,
	"user_id" uuid NOT NULL,
	"counter" integer DEFAULT 0 NOT NULL,
	"ip" text,
	"user_agent" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"refreshed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);

CREATE TABLE "items" (
	"id" uuid PRIMARY KEY,
	"title" text NOT NULL,
	"description" text,
	"owner_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE INDEX "users_email_prefix_idx" ON "users" ("email" text_pattern_ops);

CREATE INDEX "users_admins_idx" ON "users" ("id") WHERE "role" = 'admin';

CREATE INDEX "sessions_user_id_idx" ON "sessions" ("user_id","id");

CREATE INDEX "items_owner_id_idx" ON "items" ("owner_id","id");

ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;

ALTER TABLE "items" ADD CONSTRAINT "items_owner_id_users_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE CASCADE;

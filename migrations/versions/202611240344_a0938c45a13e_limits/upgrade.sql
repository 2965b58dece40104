-- Counters of the limits on logins, refreshes and registrations, and the rows of failures that lock an account
--
-- Revision ID: a0938c45a13e
-- Revises: 3bd489246313
-- Create Date: 2026-11-24 03:44

-- UNLOGGED: a count is worth no disk write, and after a crash of the server all counters may start from zero.
CREATE UNLOGGED TABLE "rate_limits" (
	"key" text PRIMARY KEY,
	"used" integer NOT NULL,
	"pending" integer NOT NULL,
	"pending_until" timestamp with time zone NOT NULL,
	"blocked_until" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);

CREATE TABLE "login_failures" (
	"account_key" text PRIMARY KEY,
	"in_a_row" integer NOT NULL,
	"failed_at" timestamp with time zone NOT NULL
);

CREATE INDEX "login_failures_failed_at_idx" ON "login_failures" ("failed_at");

-- accounts that are emptied
--
-- Revision ID: 3062ccf039e6
-- Revises: 08bb376f7a3b
-- Create Date: 2026-11-27 16:25

ALTER TABLE "users" ADD COLUMN "session_epoch" integer DEFAULT 0 NOT NULL;

ALTER TABLE "users" ADD COLUMN "removing" text;

ALTER TABLE "sessions" ADD COLUMN "epoch" integer DEFAULT 0 NOT NULL;

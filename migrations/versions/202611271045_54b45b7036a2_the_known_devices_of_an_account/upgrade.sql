-- The devices that had a session of an account, which strangers' guesses cannot lock out
--
-- Revision ID: 54b45b7036a2
-- Revises: 405527e8e206
-- Create Date: 2026-11-27 10:45

CREATE TABLE "known_devices" (
  "user_id" uuid,
  "device_key" text,
  "seen_at" timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT "known_devices_pkey" PRIMARY KEY("user_id","device_key")
);

ALTER TABLE "known_devices" ADD CONSTRAINT "known_devices_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;

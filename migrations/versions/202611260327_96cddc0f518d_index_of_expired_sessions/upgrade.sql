-- sessions past their end are found by an index
--
-- Revision ID: 96cddc0f518d
-- Revises: 235421b92fbc
-- Create Date: 2026-11-26 03:27

-- transaction: none
CREATE INDEX CONCURRENTLY "sessions_expires_at_idx" ON "sessions" ("expires_at");

-- Index of the disabled users: their list read every user from the newest on, seconds long where there are millions
--
-- Revision ID: 405527e8e206
-- Revises: 235421b92fbc
-- Create Date: 2026-11-26 04:18

-- transaction: none
CREATE INDEX CONCURRENTLY "users_disabled_idx" ON "users" ("id") WHERE not "is_active";

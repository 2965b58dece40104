-- index of the accounts that are emptied
--
-- Revision ID: c621f6425193
-- Revises: 3062ccf039e6
-- Create Date: 2026-11-27 16:26

-- transaction: none
CREATE INDEX CONCURRENTLY "users_removing_idx" ON "users" ("id") WHERE "removing" is not null;

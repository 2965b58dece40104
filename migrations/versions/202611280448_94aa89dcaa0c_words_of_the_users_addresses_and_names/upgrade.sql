-- Words of the users' addresses and names: administrators find an account by part of either
--
-- Revision ID: 94aa89dcaa0c
-- Revises: da2149a58d53
-- Create Date: 2026-11-28 04:48

-- transaction: none
CREATE INDEX CONCURRENTLY "users_words_idx" ON "users" USING gin (to_tsvector('simple', translate("email" || ' ' || coalesce("name", ''), '!#$%&''*+/=?^_`{|}~.-@', '                     ')));

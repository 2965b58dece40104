-- indexes of the mails among the jobs
--
-- Revision ID: a21fb4e75653
-- Revises: 033d1e26dc4b
-- Create Date: 2026-11-27 21:26

-- transaction: none
CREATE INDEX CONCURRENTLY "jobs_mails_idx" ON "jobs" ("id") WHERE "kind" = 'mail.send';

-- transaction: none
CREATE INDEX CONCURRENTLY "jobs_mails_to_idx" ON "jobs" (("payload" ->> 'to'),"id") WHERE "kind" = 'mail.send';

-- transaction: none
CREATE INDEX CONCURRENTLY "jobs_mails_kind_idx" ON "jobs" (("payload" ->> 'kind'),"id") WHERE "kind" = 'mail.send';

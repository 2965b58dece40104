-- Reverts a21fb4e75653: indexes of the mails among the jobs

-- transaction: none
DROP INDEX CONCURRENTLY "jobs_mails_idx";

-- transaction: none
DROP INDEX CONCURRENTLY "jobs_mails_to_idx";

-- transaction: none
DROP INDEX CONCURRENTLY "jobs_mails_kind_idx";

-- Reverts 818b57adff48: jobs, one-time tokens, verified addresses and languages

ALTER TABLE "one_time_tokens" DROP CONSTRAINT "one_time_tokens_user_id_users_id_fkey";

ALTER TABLE "jobs" DROP CONSTRAINT "jobs_state_check";

DROP INDEX "one_time_tokens_open_idx";

DROP INDEX "jobs_pending_idx";

DROP INDEX "jobs_dead_idx";

DROP INDEX "jobs_done_idx";

DROP TABLE "one_time_tokens";

DROP TABLE "jobs";

ALTER TABLE "users" DROP COLUMN "email_verified_at";

ALTER TABLE "users" DROP COLUMN "locale";

UPDATE "users" SET "password_hash" = '!' WHERE "password_hash" IS NULL;

ALTER TABLE "users" ALTER COLUMN "password_hash" SET NOT NULL;

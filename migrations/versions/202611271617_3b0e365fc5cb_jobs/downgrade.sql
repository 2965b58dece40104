-- Reverts 3b0e365fc5cb: jobs

ALTER TABLE "jobs" DROP CONSTRAINT "jobs_state_check";

DROP INDEX "jobs_pending_idx";

DROP INDEX "jobs_dead_idx";

DROP INDEX "jobs_done_idx";

DROP TABLE "jobs";

-- Reverts da2149a58d53: files

ALTER TABLE "files" DROP CONSTRAINT "files_owner_id_users_id_fkey";

ALTER TABLE "files" DROP CONSTRAINT "files_state_check";

ALTER TABLE "files" DROP CONSTRAINT "files_size_check";

DROP INDEX "files_pending_idx";

DROP TABLE "files";

DROP TABLE "file_removals";

DROP FUNCTION "files_note_removal"();

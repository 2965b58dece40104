-- Reverts 2a2c8f505e44: verified addresses, languages, accounts without a password, and one-time tokens

ALTER TABLE "one_time_tokens" DROP CONSTRAINT "one_time_tokens_user_id_users_id_fkey";

DROP INDEX "one_time_tokens_open_idx";

DROP TABLE "one_time_tokens";

ALTER TABLE "users" DROP COLUMN "email_verified_at";

ALTER TABLE "users" DROP COLUMN "locale";

UPDATE "users" SET "password_hash" = '!' WHERE "password_hash" IS NULL;

ALTER TABLE "users" ALTER COLUMN "password_hash" SET NOT NULL;

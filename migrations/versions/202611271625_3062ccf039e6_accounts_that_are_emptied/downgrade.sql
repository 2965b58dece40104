-- Reverts 3062ccf039e6: accounts that are emptied

-- They have ended; without their number they would live again.
DELETE FROM "sessions" USING "users" WHERE "users"."id" = "sessions"."user_id" AND "users"."session_epoch" <> "sessions"."epoch";

ALTER TABLE "users" DROP COLUMN "session_epoch";

ALTER TABLE "users" DROP COLUMN "removing";

ALTER TABLE "sessions" DROP COLUMN "epoch";

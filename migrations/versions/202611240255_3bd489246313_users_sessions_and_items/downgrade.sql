-- Reverts 3bd489246313: users, sessions and items

ALTER TABLE "sessions" DROP CONSTRAINT "sessions_user_id_users_id_fkey";

ALTER TABLE "items" DROP CONSTRAINT "items_owner_id_users_id_fkey";

DROP TABLE "users";

DROP TABLE "sessions";

DROP TABLE "items";

-- Reverts 343b2c8e0e31: passkeys

ALTER TABLE "passkeys" DROP CONSTRAINT "passkeys_user_id_users_id_fkey";

DROP TABLE "passkeys";

DROP TABLE "used_challenges";

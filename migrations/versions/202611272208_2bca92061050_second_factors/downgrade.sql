-- Reverts 2bca92061050: second factors

ALTER TABLE "factors" DROP CONSTRAINT "factors_user_id_users_id_fkey";

ALTER TABLE "recovery_codes" DROP CONSTRAINT "recovery_codes_user_id_users_id_fkey";

ALTER TABLE "mfa_challenges" DROP CONSTRAINT "mfa_challenges_user_id_users_id_fkey";

ALTER TABLE "factors" DROP CONSTRAINT "factors_type_check";

ALTER TABLE "recovery_codes" DROP CONSTRAINT "recovery_codes_used_check";

ALTER TABLE "mfa_challenges" DROP CONSTRAINT "mfa_challenges_purpose_check";

DROP TABLE "factors";

DROP TABLE "recovery_codes";

DROP TABLE "mfa_challenges";

ALTER TABLE "users" DROP COLUMN "has_factor";

ALTER TABLE "sessions" DROP COLUMN "authenticated_at";

ALTER TABLE "sessions" DROP COLUMN "amr";

-- Reverts 4871e33ae192: identities of providers, and sign-ins that came back

ALTER TABLE "identities" DROP CONSTRAINT "identities_user_id_users_id_fkey";

ALTER TABLE "oauth_flows" DROP CONSTRAINT "oauth_flows_identity_id_identities_id_fkey";

DROP TABLE "identities";

DROP TABLE "oauth_flows";

-- Reverts 7356a0618d60: one spelling of an address

ALTER TABLE "users" DROP CONSTRAINT "users_email_check";

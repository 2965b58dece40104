-- Reverts 34155d6d0d8d: one spelling of every address

ALTER TABLE "users" DROP CONSTRAINT "users_email_check";

ALTER TABLE "users" ADD CONSTRAINT "users_email_check" CHECK ("email" collate "C" ~ '^[a-z0-9!#$%&''*+/=?^_`{|}~.-]{1,64}@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])+([a-z]{2,63}|xn--[a-z0-9-]{1,59})$' and length("email") <= 254) NOT VALID;

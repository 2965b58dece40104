-- Reverts 033d1e26dc4b: a former address is held while its way back is good

DROP TRIGGER "users_refuse_held_email" ON "users";

DROP FUNCTION "users_refuse_held_email"();

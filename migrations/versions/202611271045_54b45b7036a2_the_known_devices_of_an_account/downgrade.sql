-- Reverts 54b45b7036a2: the known devices of an account

DROP TABLE "known_devices";

-- Reverts a0938c45a13e: limits

DROP TABLE "rate_limits";

DROP TABLE "login_failures";

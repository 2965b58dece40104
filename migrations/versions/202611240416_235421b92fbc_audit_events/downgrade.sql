-- Reverts 235421b92fbc: Audit events: append-only, linked into hash chains, partitioned by month

DROP TABLE "audit_events";

DROP FUNCTION "audit_events_link"();

DROP FUNCTION "audit_events_refuse_change"();

DROP TABLE "audit_chains";

DROP TABLE "audit_cuts";

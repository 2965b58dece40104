-- Reverts 96cddc0f518d: sessions past their end are found by an index

DROP INDEX "sessions_expires_at_idx";

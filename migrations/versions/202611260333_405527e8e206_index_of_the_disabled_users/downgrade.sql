-- Reverts 405527e8e206: Index of the disabled users

-- transaction: none
DROP INDEX CONCURRENTLY "users_disabled_idx";

-- Reverts 405527e8e206: Index of the disabled users: their list read every user from the newest on, seconds long where there are millions

-- transaction: none
DROP INDEX CONCURRENTLY "users_disabled_idx";

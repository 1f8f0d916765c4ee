-- A contract step waits for programs of before what it contracts, and knew them by the names of their connections. Behind a pooler those
-- have none: the migrator reads which processes noted themselves, and which migration each knows.
-- +goose Up
CREATE POLICY migrator ON processes FOR SELECT TO CURRENT_USER USING (true);

-- +goose Down
SELECT 'migrations only move forward';

-- The strip of a clinic's last day reads its deliveries by time: without this, those of every clinic. Written behind the answer, and it grows at each clinic's edge.
-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY deliveries_time ON deliveries (clinic_id, at);

-- +goose Down
SELECT 'migrations only move forward';

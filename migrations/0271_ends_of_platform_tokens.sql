-- Tokens that the platform signed could not be ended before their exp: nothing of ours was asked. What an operator ends stands here, for good,
-- since a token may be made to count only later.
-- +goose Up
CREATE TABLE platform_token_ends (
  kind text NOT NULL CHECK (kind IN ('jti', 'sub')), -- one token; all that were issued for a subject up to `until`
  value text NOT NULL,                                -- of that claim
  until timestamptz NOT NULL,
  PRIMARY KEY (kind, value)
);
ALTER TABLE platform_token_ends ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform_token_ends FORCE ROW LEVEL SECURITY;
CREATE POLICY platform ON platform_token_ends TO patapay_api USING ((SELECT app_platform())) WITH CHECK ((SELECT app_platform()));
GRANT SELECT, INSERT, UPDATE ON platform_token_ends TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';

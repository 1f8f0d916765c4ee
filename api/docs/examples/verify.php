<?php
/** Whether $body, as the bytes came, was signed with the secret within five minutes of $now. */
function verify(string $secret, array $head, string $body, int $now): bool
{
    $at = $head['webhook-timestamp'] ?? '';
    if (!ctype_digit($at) || abs($now - (int) $at) > 300) {
        return false;
    }
    $key = base64_decode(substr($secret, strlen('whsec_')), true);
    $want = hash_hmac('sha256', $head['webhook-id'] . '.' . $at . '.' . $body, $key, true);
    foreach (explode(' ', $head['webhook-signature'] ?? '') as $signature) {
        [$version, $text] = explode(',', $signature, 2) + ['', ''];
        if ($version === 'v1' && hash_equals($want, (string) base64_decode($text, true))) {
            return true;
        }
    }
    return false;
}

import { createHmac, timingSafeEqual } from 'node:crypto';
import { buffer } from 'node:stream/consumers';

/** Whether body, as the bytes came, was signed with the secret within five minutes of now. */
export function verify(secret, head, body, now = Date.now()) {
  const at = Number(head['webhook-timestamp']);
  if (!Number.isInteger(at) || Math.abs(now / 1000 - at) > 300) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const want = createHmac('sha256', key)
    .update(`${head['webhook-id']}.${head['webhook-timestamp']}.`)
    .update(body)
    .digest();
  return (head['webhook-signature'] ?? '').split(' ').some((signature) => {
    const [version, text = ''] = signature.split(',');
    const got = Buffer.from(text, 'base64');
    return version === 'v1' && got.length === want.length && timingSafeEqual(got, want);
  });
}

const head = Object.fromEntries(
  ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [
    name,
    process.env[name.toUpperCase().replaceAll('-', '_')],
  ]),
);
process.exitCode = verify(process.env.WEBHOOK_SECRET, head, await buffer(process.stdin)) ? 0 : 1;

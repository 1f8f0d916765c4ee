import { randomBytes } from 'node:crypto';

import { expect, ready, type Clinic } from './world';

// Posting events as Asaas would, with the token of a clinic that was connected by hand.

export type Post = (body: object) => Promise<string>;

/** Connects a clinic without its webhook and returns what posts events to it; answers the event's id. */
export async function door(clinic: Clinic): Promise<Post> {
  const headers = {
    Authorization: `Bearer ${ready().adminToken}`,
    'Content-Type': 'application/json',
    'If-Match': '"0"',
  };
  const put = await fetch(`${ready().url}/v1/tenants/${clinic.id}/connection`, {
    method: 'PUT',
    headers,
    body: JSON.stringify({ apiKey: clinic.account.apiKey }),
  });
  const { webhookToken } = (await put.json()) as { webhookToken: string };
  expect(webhookToken).toMatch(/^[A-Za-z0-9]{48}$/);
  let seq = 1;
  return async (body) => {
    const event = {
      id: `evt_${randomBytes(16).toString('hex')}&${seq++}`,
      dateCreated: clock(),
      account: { id: clinic.account.id, ownerId: null },
      ...body,
    };
    const answer = await fetch(ready().webhookUrl, {
      method: 'POST',
      headers: { 'asaas-access-token': webhookToken, 'Content-Type': 'application/json' },
      body: JSON.stringify(event),
    });
    expect(answer.status).toBe(200);
    return event.id;
  };
}

/** Asaas's clock some seconds from now: São Paulo's, without a zone. */
export const clock = (seconds = 0): string =>
  new Date(Date.now() - 3 * 3_600_000 + seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');

/** A Pix payment as an event shows it. */
export const payment = (id: string, like: object = {}) => ({
  object: 'payment',
  id,
  dateCreated: clock().slice(0, 10),
  customer: 'cus_000000000001',
  value: 1234.56,
  netValue: 1232.57,
  description: 'Consulta',
  billingType: 'PIX',
  status: 'PENDING',
  dueDate: clock().slice(0, 10),
  originalDueDate: clock().slice(0, 10),
  externalReference: 'orc-' + id.slice(4),
  invoiceUrl: 'https://sandbox.asaas.com/i/' + id.slice(4),
  deleted: false,
  ...like,
});

/** Waits until the clinic has this many events that were applied or came to nothing. */
export async function eventsProcessed(clinic: Clinic, n: number): Promise<void> {
  const headers = { Authorization: `Bearer ${ready().adminToken}` };
  const done = async () =>
    (
      await (
        await fetch(`${ready().url}/v1/tenants/${clinic.id}/events?outcome=applied,no_effect&include=count&limit=1`, {
          headers,
        })
      ).json()
    ).count.total;
  await expect.poll(done).toBeGreaterThanOrEqual(n);
}

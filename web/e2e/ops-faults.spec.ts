import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';

import type { Locator } from '@playwright/test';

import { setUpFactor } from './authenticator';
import { expect, logIn, newClinic, ready, test } from './world';

// An operator who only follows links of the console finds twelve planted faults among two hundred clinics.

/** Runs SQL above the walls. */
const sql = (text: string) =>
  execFileSync('psql', ['-qv', 'ON_ERROR_STOP=1', '-c', text, ready().databaseUrl], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });

const event = (
  outcome: string,
) => `INSERT INTO events (clinic_id, environment, source, seq, id_hash, received_at, event_id,
    type, kind, entity_id, created_local, outcome, reason, notes, body_hash)
  SELECT clinic_id, 2, 1, 1, '00000000-0000-4000-8000-000000000001', now() - interval '3 hours', 'evt_1',
    'PAYMENT_RECEIVED', 'payment', 'pay_1', '', '${outcome}', '', '', '\\x01' FROM faulty;`;
const due = (nextAt: string) => `INSERT INTO due (clinic_id, environment, tries, seq, id_hash, next_at, last_error)
  SELECT clinic_id, 2, 5, 1, '00000000-0000-4000-8000-000000000001', ${nextAt}, 'poison' FROM faulty;`;

/** What is wrong, by the name of the clinic where it is planted; `faulty` is that clinic. */
const faults: Record<string, string> = {
  Pausada: `UPDATE connections SET state = 'paused', loss_at = now() + interval '6 days' WHERE clinic_id IN (SELECT clinic_id FROM faulty)`,
  Perdendo: `UPDATE connections SET state = 'attention', loss_at = now() + interval '3 hours' WHERE clinic_id IN (SELECT clinic_id FROM faulty)`,
  Recusada: `UPDATE connections SET state = 'key_refused' WHERE clinic_id IN (SELECT clinic_id FROM faulty)`,
  Silenciosa: `UPDATE connections SET state = 'silent' WHERE clinic_id IN (SELECT clinic_id FROM faulty)`,
  Morta: event('dead') + due(`'infinity'`),
  Esperando: event('received') + due(`now() + interval '2 hours'`),
  Quarentena: `INSERT INTO quarantined (clinic_id, environment, seq, id_hash, entity_id)
    SELECT clinic_id, 2, 1, gen_random_uuid(), 'pay_1' FROM faulty`,
  Envios: `INSERT INTO endpoints (clinic_id, endpoint_id, url, payload, personal, secrets, state, state_since, place_seq,
      next_at, turn_at, created_by, created_at)
    SELECT clinic_id, gen_random_uuid(), 'https://example.com', 'thin', false, '\\x01', 'paused', now(), 0, 'infinity',
      'infinity', 'x', now() FROM faulty`,
  Travada: `INSERT INTO operations (clinic_id, id, kind, state, steps, created_at, updated_at, lease_until)
    SELECT clinic_id, gen_random_uuid(), 'export', 'running', '[]', now() - interval '3 hours', now() - interval '2 hours',
      now() + interval '1 hour' FROM faulty`,
  Correio: `INSERT INTO mails (clinic_id, kind, incident, phase, subject, body, created_at, next_at, tries)
    SELECT clinic_id, 'silent', now(), 'opened', 'x', 'x', now(), now() + interval '2 hours', 4 FROM faulty`,
  Divergente: `INSERT INTO alarms (clinic_id, kind, opened_at, last_at, next_action)
    SELECT clinic_id, 'differences', now(), now(), 'compare' FROM faulty`,
  Cota: `UPDATE fleet SET quota_calls = 24000 WHERE clinic_id IN (SELECT clinic_id FROM faulty)`,
};

/** Two hundred clinics, of which twelve have a fault each; the names of all end in `mark`. */
function plant(mark: string) {
  const named = (names: string) => `WITH made AS (
      INSERT INTO clinics (public_id, name, sandbox, state_since, created_at, updated_at)
      SELECT gen_random_uuid(), n || ' ${mark}', true, now(), now(), now() FROM (${names}) names (n) RETURNING clinic_id)
    INSERT INTO connections (clinic_id, public_id, environment, state, since, updated_at)
      SELECT clinic_id, gen_random_uuid(), 2, 'active', now(), now() FROM made;`;
  const each = Object.entries(faults).map(
    ([name, fault]) =>
      `CREATE TEMP TABLE faulty AS SELECT clinic_id FROM clinics WHERE name = '${name} ${mark}'; ${fault}; DROP TABLE faulty;`,
  );
  sql(
    [
      named(`SELECT 'Calma ' || i FROM generate_series(1, 188) i`),
      named(`SELECT unnest(ARRAY['${Object.keys(faults).join("','")}'])`),
      ...each,
    ].join('\n'),
  );
}

test('twelve faults among two hundred clinics are found by links alone in twelve page loads', async ({ page }) => {
  const mark = randomBytes(4).toString('hex');
  const like = await newClinic();
  plant(mark);
  const login = `faults-${mark}@patapay.example`;
  sql(`INSERT INTO users (clinic_id, user_id, email, name, password_hash, role, created_at)
    SELECT 0, gen_random_uuid(), '${login}', 'Sol Suporte', password_hash, 'support', created_at FROM users WHERE email = '${like.login}'`);
  await page.goto(ready().url + '/app');
  await logIn(page, { login, password: like.password });
  await setUpFactor(page, page.getByRole('main'), like.password);
  await expect(page).toHaveURL(/\/ops$/);

  let loads = 1; // the console's first page, which stays open; each link opens a page beside it
  const found = new Set<string>();
  /** Opens the page behind a number, and finds what its rows tell. */
  const follow = async (link: Locator, rows: string, said: Record<string, string | RegExp>) => {
    const opened = page.context().waitForEvent('page');
    await link.click({ modifiers: ['ControlOrMeta'] });
    const beside = await opened;
    loads++;
    for (const [name, text] of Object.entries(said)) {
      const row = beside.getByTestId(rows).filter({ hasText: `${name} ${mark}` });
      await expect(row).toContainText(text);
      found.add(name);
    }
    await expect(beside.getByTestId(rows).filter({ hasText: `Calma` })).toHaveCount(0);
    await beside.close();
  };
  const main = page.getByRole('main');
  const number = (name: string) => main.getByText(name, { exact: true }).locator('..').getByRole('link');
  await expect(async () => {
    await expect(number('Eventos em quarentena')).not.toHaveText('0', { timeout: 1 });
    await expect(number('Envios com falha')).not.toHaveText('0', { timeout: 1 });
  }).toPass(); // counted each quarter of a minute

  await follow(number('Perdem eventos'), 'tenant-row', { Pausada: /Pausada.*5 d/s, Perdendo: /2 h 5|3 h 00/ });
  await follow(number('Eventos esperando'), 'tenant-row', { Esperando: 'há 3 h' });
  await follow(number('Eventos parados por erro'), 'tenant-row', { Morta: '1' });
  await follow(number('Eventos em quarentena'), 'tenant-row', { Quarentena: '' });
  await follow(number('Envios com falha'), 'tenant-row', { Envios: '' });
  await follow(number('E-mails não enviados'), 'tenant-row', { Correio: '' });
  await follow(number('Cota do Asaas quase no fim'), 'tenant-row', { Cota: '96 %' });
  await follow(number('Alarmes abertos'), 'alarm-row', { Divergente: '' });
  await follow(number('Trabalhos em andamento'), 'work-running', { Travada: 'há 2 h' });
  const states = page.getByTestId('fleet-states').getByRole('listitem');
  await follow(states.filter({ hasText: /recusad/i }).getByRole('link'), 'tenant-row', { Recusada: /recusad/i });
  await follow(states.filter({ hasText: /sem avisos/i }).getByRole('link'), 'tenant-row', { Silenciosa: '' });

  expect([...found].sort()).toEqual(Object.keys(faults).sort());
  expect(loads).toBeLessThanOrEqual(12);
  sql(`UPDATE clinics SET state = 'deleted' WHERE name LIKE '% ${mark}'`); // the other tests' fleet is small again
});

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';

import { setUpFactor } from './authenticator';
import { connect, everyWay, expect, firstCheckDone, logIn, newClinic, ready, test, type Clinic } from './world';

// Operators: all clinics at once, and one clinic's pages for a written reason.

/** Runs SQL above the walls. */
const sql = (text: string) =>
  execFileSync('psql', ['-qv', 'ON_ERROR_STOP=1', '-c', text, ready().databaseUrl], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });

/** A person of the platform's team, with the password of the clinic's administrator. */
function operatorLike(clinic: Clinic, role: 'support' | 'sre' = 'support') {
  const login = `${role}-${randomBytes(4).toString('hex')}@patapay.example`;
  sql(`INSERT INTO users (clinic_id, user_id, email, name, password_hash, role, created_at)
    SELECT 0, gen_random_uuid(), '${login}', 'Sol Suporte', password_hash, '${role}', created_at FROM users WHERE email = '${clinic.login}'`);
  return { login, password: clinic.password };
}

test('an operator finds planted faults by links alone, and sees a clinic only for a reason that the clinic reads', async ({
  page,
}) => {
  const faulty = await newClinic();
  await connect(faulty);
  const operator = operatorLike(faulty);
  sql(`UPDATE connections SET loss_at = now() + interval '3 days 5 hours' WHERE clinic_id = (SELECT clinic_id FROM clinics WHERE name = '${faulty.name}');
    INSERT INTO alarms (clinic_id, kind, opened_at, last_at, next_action) SELECT clinic_id, 'dead_letters', now(), now(), 'replay them' FROM clinics WHERE name = '${faulty.name}';
    INSERT INTO operations (clinic_id, id, kind, state, steps, code, created_at, updated_at)
      SELECT clinic_id, gen_random_uuid(), 'export', 'failed', '[]', 'interrupted', now(), now() FROM clinics WHERE name = '${faulty.name}';`);

  await page.goto(ready().url + '/app');
  await logIn(page, operator);
  await expect(
    page.getByText('PataPay', { exact: true }),
    'the page before the first one says whose it is',
  ).toBeVisible();
  const choices = page.getByRole('button', { name: /^(Continuar|Usar uma chave de acesso)$/ });
  await expect(choices).toHaveCount(2);
  const [above, below] = await choices.evaluateAll((all) => all.map((b) => b.getBoundingClientRect().y));
  expect(below! - above!, 'px from button to button, each 40 high').toBeGreaterThanOrEqual(48);
  await setUpFactor(page, page.getByRole('main'), operator.password);
  await expect(page).toHaveURL(/\/ops$/);
  await everyWay(page, 'ops');
  await page.getByRole('main').getByText('Perdem eventos').locator('..').getByRole('link').click();
  const row = page.getByTestId('tenant-row').filter({ hasText: faulty.name });
  await expect(row).toContainText(/3 d [45] h/);
  await everyWay(page, 'ops-clinicas');
  const hidden = await page.locator('main .table-wrap').evaluate((e) => e.scrollWidth - e.clientWidth);
  expect(hidden, 'px of the table beside the window').toBeLessThanOrEqual(0);
  await page.setViewportSize({ width: 375, height: 900 });
  await expect(page.getByRole('banner').getByText('PataPay'), 'a phone says where one is').toBeVisible();
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goBack();
  await page.getByRole('main').getByText('Alarmes abertos').locator('..').getByRole('link').click();
  await expect(page.getByTestId('alarm-row').filter({ hasText: faulty.name })).toBeVisible();
  await page.goBack();
  await page.getByRole('main').getByText('Trabalhos em andamento').locator('..').getByRole('link').click();
  const failed = page.getByTestId('work-failed').filter({ hasText: faulty.name });
  await expect(failed).toContainText('Exportação');
  await failed.getByRole('link').click();

  await expect(page.getByTestId('fleet-clinic')).toBeVisible();
  await everyWay(page, 'ops-clinica');
  await page.getByTestId('access-reason').fill('curto');
  await page.getByRole('button', { name: 'Ver como a clínica' }).click();
  await expect(page.getByText('pelo menos 10 letras')).toBeVisible();
  await page.getByTestId('access-reason').fill('Chamado 4711: faltam avisos');
  await page.getByRole('button', { name: 'Ver como a clínica' }).click();
  await expect(page.getByTestId('visit-banner')).toContainText(faulty.name);
  await page.getByRole('navigation', { name: 'Principal' }).getByRole('link', { name: 'Faturas' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Faturas' })).toBeVisible();
  await page.getByRole('button', { name: 'Terminar' }).click();
  await expect(page.getByTestId('visit-banner')).toHaveCount(0);
  await expect(page.getByTestId('fleet-clinic')).toBeVisible();

  const audit = await fetch(`${ready().url}/v1/tenants/${faulty.id}/audit`, {
    headers: { Authorization: `Bearer ${ready().adminToken}` },
  });
  const seen = (await audit.json()).data.filter((e: any) => e.action === 'operator.look');
  expect(seen.map((e: any) => e.detail.reason)).toContain('Chamado 4711: faltam avisos');
});

test('an action on many clinics does what its preview showed, and stops', async ({ page }) => {
  const many = await Promise.all([newClinic(), newClinic()]);
  for (const clinic of many) {
    await connect(clinic);
    await firstCheckDone(clinic);
  }
  const like = `Massa ${randomBytes(4).toString('hex')}`;
  for (const [i, clinic] of many.entries())
    sql(`UPDATE clinics SET name = '${like} ${i}' WHERE name = '${clinic.name}';
      UPDATE connections SET state = 'paused' WHERE clinic_id = (SELECT clinic_id FROM clinics WHERE name = '${like} ${i}')`);
  const operator = operatorLike(many[0]!, 'sre');
  await page.goto(ready().url + '/app');
  await logIn(page, operator);
  await setUpFactor(page, page.getByRole('main'), operator.password);
  await page.goto(`${ready().url}/ops/clinicas?q=${encodeURIComponent(like)}`);
  await expect(page.getByTestId('tenant-row')).toHaveCount(2);
  await page.getByRole('link', { name: 'Agir sobre estas clínicas' }).click();
  await everyWay(page, 'ops-acoes');
  await page.getByTestId('action-kind').click();
  await page.getByRole('option', { name: 'Reativar a fila' }).click();
  await page.getByRole('button', { name: 'Ver prévia' }).click();
  const items = page.getByTestId('action-item');
  await expect(items).toHaveCount(2);
  await expect(items.filter({ hasText: 'na fila' })).toHaveCount(2);
  await everyWay(page, 'ops-acao');
  await page.getByTestId('action-reason').fill('curto');
  await page.getByRole('button', { name: 'Começar' }).click();
  await expect(page.getByText('pelo menos 10 letras')).toBeVisible();
  await page.getByTestId('action-reason').fill(`Chamado 4712: filas paradas de ${like}`);
  await page.getByRole('button', { name: 'Começar' }).click();
  await expect(items.filter({ hasText: 'em andamento' })).toHaveCount(1);
  await page.getByRole('button', { name: 'Parar' }).click();
  await expect(items.filter({ hasText: 'não começada' })).toHaveCount(1);
  await expect(page.getByTestId('action-tally')).toContainText('parada');
  await expect(items.filter({ hasText: 'feita' })).toHaveCount(1);
  await page.getByRole('link', { name: 'Ações em massa' }).first().click();
  await expect(page.getByTestId('action-row').filter({ hasText: like })).toBeVisible();
});

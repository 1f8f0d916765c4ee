import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';

import { setUpFactor } from './authenticator';
import { connect, everyWay, expect, logIn, newClinic, ready, test, type Clinic } from './world';

// Operators: all clinics at once, and one clinic's pages for a written reason.

/** Runs SQL above the walls. */
const sql = (text: string) =>
  execFileSync('psql', ['-qv', 'ON_ERROR_STOP=1', '-c', text, ready().databaseUrl], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });

/** A person of the platform's support, with the password of the clinic's administrator. */
function operatorLike(clinic: Clinic) {
  const login = `suporte-${randomBytes(4).toString('hex')}@patapay.example`;
  sql(`INSERT INTO users (clinic_id, user_id, email, name, password_hash, role, created_at)
    SELECT 0, gen_random_uuid(), '${login}', 'Sol Suporte', password_hash, 'support', created_at FROM users WHERE email = '${clinic.login}'`);
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
  await setUpFactor(page, page.getByRole('main'), operator.password);
  await expect(page).toHaveURL(/\/ops$/);
  await everyWay(page, 'ops');
  await page.getByRole('main').getByText('Perdem eventos').locator('..').getByRole('link').click();
  const row = page.getByTestId('tenant-row').filter({ hasText: faulty.name });
  await expect(row).toContainText(/3 d [45] h/);
  await everyWay(page, 'ops-clinicas');
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

import { codeOf, setUpFactor } from './authenticator';
import { api, calm, connect, everyWay, expect, logIn, newClinic, open, order, play, sql, test } from './world';

const settings = '/app/configuracoes/webhooks/asaas';

test('a tried-out clinic passes to production by its own key, and takes nothing of the sandbox along', async ({
  page,
}) => {
  const clinic = await newClinic();
  await connect(clinic);
  await play(clinic, 'pix', { amountCents: 12990 });
  const { taxId } = await api(clinic, 'GET', '');
  const real = await order('/admin/accounts', { name: clinic.name, cpfCnpj: taxId, environment: 1 });

  await open(page, '/app/perfil', clinic);
  const factors = page.getByTestId('factors');
  await factors.getByRole('button', { name: 'Ligar segundo fator' }).click();
  const secret = await setUpFactor(page, factors, clinic.password);
  sql(clinic, `UPDATE sessions SET factor_at = now() - interval '1 day' WHERE clinic_id = :c`);

  await page.goto(new URL(settings, page.url()).href);
  await expect(page.getByLabel('Ambiente', { exact: true }).first()).toContainText('SANDBOX');
  await page.getByRole('button', { name: 'Passar para produção' }).click();
  const dialog = page.getByRole('dialog', { name: 'Passar para produção' });
  await expect(dialog).toContainText('As cobranças do Sandbox ficam guardadas à parte');
  await everyWay(page, 'production-move');

  const send = dialog.getByRole('button', { name: 'Verificar e passar para produção' });
  await dialog.getByTestId('production-key').fill(clinic.account.apiKey);
  await send.click();
  const factor = page.getByTestId('fresh-factor');
  await factor.getByLabel('Código do aplicativo ou de recuperação').fill(codeOf(secret, 1)); // the one before is spent
  await factor.getByRole('button', { name: 'Confirmar' }).click();
  await expect(dialog.getByTestId('key-message')).toHaveAttribute('data-code', 'wrong_environment');

  await dialog.getByTestId('production-key').fill(real.apiKey);
  await send.click();
  await expect(page.getByTestId('connection-state')).toHaveText('Funcionando');
  await expect(page.getByTestId('account-card')).toContainText('Produção');
  await expect(page.getByText('SANDBOX')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Passar para produção' })).toHaveCount(0);

  await page.goto(new URL('/app/faturas', page.url()).href);
  await calm(page);
  await expect(page.locator('main')).not.toContainText('129,90');
  expect((await api(clinic, 'GET', '/invoices')).data).toHaveLength(1); // of the sandbox, apart

  await page.context().clearCookies();
  await page.goto(new URL('/app', page.url()).href);
  await logIn(page, clinic); // the same person, in production
  await expect(page.getByTestId('code-step')).toBeVisible();
});

import { everyWay, expect, logIn, newClinic, ready, test } from './world';

test('a person without a session is sent to the login and then to the page they asked for', async ({ page }) => {
  const { login, password } = ready().clinics[0]!;
  await page.goto(ready().url + '/app/configuracoes/webhooks');
  await expect(page).toHaveURL(/\/app\/entrar\?para=/);
  await logIn(page, { login, password });
  await expect(page.getByRole('heading', { level: 1, name: 'Webhooks' })).toBeVisible();
  await expect(page).toHaveTitle(/Webhooks · Clínica Vida Animal/);
});

test('the session outlives the page, in a cookie that scripts cannot read', async ({ page }) => {
  const { login, password } = ready().clinics[0]!;
  await page.goto(ready().url + '/app/configuracoes/webhooks');
  await logIn(page, { login, password });
  await expect(page.getByRole('heading', { level: 1, name: 'Webhooks' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Webhooks' })).toBeVisible();
  const seen = await page.evaluate(() => document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage }));
  expect(seen).not.toMatch(/eyJ/);
  await page.getByRole('button', { name: 'Seu perfil' }).click();
  await page.getByRole('button', { name: 'Sair' }).click();
  await expect(page).toHaveURL(/entrar/);
  await page.goto(ready().url + '/app/configuracoes/webhooks');
  await expect(page).toHaveURL(/entrar/);
});

test('a wrong password and an unknown person read the same, and nothing else does', async ({ page }) => {
  const clinic = await newClinic();
  await page.goto(ready().url + '/app/entrar');
  await page.getByRole('button', { name: 'Entrar' }).click();
  await expect(page.getByText('Informe o e-mail.')).toBeVisible();
  await logIn(page, { login: 'ana', password: 'x' });
  await expect(page.getByText('Digite um e-mail válido, como nome@clinica.com.br.')).toBeVisible();
  for (const login of [clinic.login, 'ninguem@patapay.example']) {
    await logIn(page, { login, password: 'errada' });
    await expect(page.getByRole('alert')).toHaveText('E-mail ou senha não conferem.');
  }
  await everyWay(page, 'login');
});

test('too many tries count down', async ({ page }) => {
  await page.goto(ready().url + '/app/entrar');
  for (let i = 0; i < 12; i++) {
    await logIn(page, { login: 'trancada@patapay.example', password: 'errada' });
    await expect(page.getByRole('alert')).toBeVisible();
    if (await page.getByText('Muitas tentativas').isVisible()) break;
  }
  const text = page.getByText(/Muitas tentativas\. Tente de novo em \d+ s\./);
  const first = await text.textContent();
  await expect(text).not.toHaveText(first!);
});

test('the theme is kept in a cookie and the first paint has it', async ({ page }) => {
  await page.goto(ready().url + '/app/entrar');
  await page.getByTestId('theme').selectOption('dark');
  const html = await (await page.request.get(ready().url + '/app')).text();
  expect(html).toContain('data-mantine-color-scheme="dark"');
});

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
  for (let i = 0; i < 60; i++) {
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

test('where no e-mail is sent, who forgot a password is told whom to ask; a link that is over says so', async ({
  page,
}) => {
  await page.goto(ready().url + '/app/entrar');
  await page.getByRole('button', { name: 'Esqueci minha senha' }).click();
  await page.getByRole('button', { name: 'Enviar link para criar senha' }).click();
  await expect(page.getByRole('alert')).toContainText('Digite acima o seu e-mail');
  await page.getByLabel('E-mail').fill('ana@patapay.example');
  await page.getByRole('button', { name: 'Enviar link para criar senha' }).click();
  await expect(page.getByRole('alert')).toContainText('Peça a um Administrador da sua clínica');
  await page.goto(ready().url + '/app/senha#' + 'a'.repeat(26));
  await expect(page.getByRole('heading', { level: 1, name: 'Criar senha' })).toBeVisible();
  await expect(page).toHaveURL(/\/app\/senha$/); // the secret leaves the address
  await page.getByLabel('Senha nova', { exact: true }).fill('curta');
  await page.getByRole('button', { name: 'Criar senha' }).click();
  await expect(page.getByText('Use pelo menos 8 caracteres.')).toBeVisible();
  await page.getByLabel('Senha nova', { exact: true }).fill('minha-senha-nova-2026');
  await page.getByLabel('Repita a senha nova', { exact: true }).fill('minha-senha-nova-2026');
  await page.getByRole('button', { name: 'Criar senha' }).click();
  await expect(page.getByRole('alert')).toContainText('O link já foi usado ou venceu.');
  await everyWay(page, 'new-password');
});

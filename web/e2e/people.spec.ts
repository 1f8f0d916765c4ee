import {
  api,
  arrive,
  connect,
  everyWay,
  expect,
  everyWayIfPictured,
  logIn,
  newClinic,
  open,
  openFilters,
  play,
  ready,
  test,
} from './world';

const users = '/app/configuracoes/usuarios';
const denied = 'Seu perfil não permite esta ação. Peça a um Administrador.';

test('an administrator lets a person in, changes their role, and ends their access', async ({
  page,
  context,
  browser,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const clinic = await newClinic();
  await open(page, users, clinic);
  await page.getByTestId('user-add').click();
  await page.getByRole('button', { name: 'Adicionar', exact: true }).click();
  await expect(page.getByText('Informe o nome.')).toBeVisible();
  await expect(page.getByLabel('Nome')).toBeFocused();
  await page.getByLabel('Nome').fill('Bia Financeiro');
  await page.getByLabel('E-mail').fill('bia-' + clinic.login);
  await everyWayIfPictured(page, 'users-new');
  await page.getByRole('button', { name: 'Adicionar', exact: true }).click();
  const start = (await page.getByTestId('value-start-password').textContent())!;
  await page.getByTestId('copy-start-password').click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(start);
  await expect(page.getByTestId('start-password')).toContainText('Ela aparece uma única vez.');
  await everyWay(page, 'users');
  await page.getByRole('button', { name: 'Já entreguei' }).click();
  await expect(page.getByText(start)).toHaveCount(0);

  const theirs = await (await browser.newContext({ locale: 'pt-BR', timezoneId: 'America/Sao_Paulo' })).newPage();
  await theirs.goto(ready().url + '/app/configuracoes/usuarios');
  await logIn(theirs, { login: 'bia-' + clinic.login, password: start });
  await everyWayIfPictured(theirs, 'start-password');
  await theirs.getByRole('button', { name: 'Criar senha' }).click();
  await expect(theirs.getByText('Informe a senha inicial.')).toBeVisible();
  await theirs.getByLabel('Senha inicial', { exact: true }).fill(start);
  await theirs.getByLabel('Senha nova', { exact: true }).fill('minha-senha-nova-2026');
  await theirs.getByLabel('Repita a senha nova', { exact: true }).fill('minha-senha-nova-2026');
  await theirs.getByRole('button', { name: 'Criar senha' }).click();
  await expect(theirs.getByTestId('denied')).toHaveText(denied); // finance sees no users

  await page.getByRole('button', { name: 'Alterar Bia Financeiro' }).click();
  await page.getByRole('button', { name: 'Desativar acesso' }).click();
  await expect(page.getByTestId('user-row').filter({ hasText: 'Bia Financeiro' })).toContainText('Desativado');
  await theirs.getByRole('link', { name: 'Faturas' }).click();
  await expect(theirs.getByRole('dialog', { name: 'Sua sessão terminou' })).toBeVisible();
  await theirs.context().close();
});

test('whoever answers for tokens does not leave without a word about them', async ({ page, browser }) => {
  const clinic = await newClinic();
  const theirs = await (await browser.newContext({ locale: 'pt-BR', timezoneId: 'America/Sao_Paulo' })).newPage();
  await arrive(theirs, clinic, 'admin');
  const made = await theirs.evaluate(async (t) => {
    const token = (await (await fetch('/v1/auth/refresh', { method: 'POST' })).json()).accessToken;
    const answer = await fetch(`/v1/tenants/${t}/service-tokens`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'erp', scopes: ['invoices:read'] }),
    });
    return answer.status;
  }, clinic.id);
  expect(made).toBe(201);
  await theirs.context().close();
  await open(page, users, clinic);
  await page.getByTestId('user-row').filter({ hasNotText: '(você)' }).getByRole('button').click();
  await page.getByRole('button', { name: 'Desativar acesso' }).click();
  const asked = page.getByTestId('token-decision');
  await expect(asked).toContainText('erp · último uso:');
  await everyWay(page, 'token-decision');
  await asked.getByRole('button', { name: 'Passar para mim' }).click();
  await expect(page.getByText('Desativado')).toBeVisible();
  expect((await api(clinic, 'GET', '/service-tokens')).data[0].revokedAt).toBeNull();
});

test('the last administrator cannot lock the clinic out', async ({ page }) => {
  const clinic = await newClinic();
  await open(page, users, clinic);
  await page.getByRole('button', { name: 'Alterar Ana Admin' }).click();
  await expect(page.getByRole('dialog')).toContainText('Peça a outro Administrador para mudá-lo.');
  await expect(page.getByRole('button', { name: 'Desativar acesso' })).toHaveCount(0);
});

test('Responsável Financeiro: money and exports, and no key', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await arrive(page, clinic, 'finance');
  await page.getByRole('link', { name: 'Configurações' }).click();
  await expect(page.getByRole('link', { name: 'Pendências' })).toBeVisible();
  for (const hidden of ['Usuários', 'Tokens de serviço', 'Auditoria'])
    await expect(page.getByRole('main').getByRole('link', { name: hidden })).toHaveCount(0);
  await everyWayIfPictured(page, 'settings-finance');
  for (const path of [
    '/configuracoes/webhooks/asaas',
    '/configuracoes/usuarios',
    '/configuracoes/tokens',
    '/configuracoes/auditoria',
  ]) {
    await page.goto(ready().url + '/app' + path);
    await expect(page.getByText(denied), path).toBeVisible();
  }
  await page.goto(ready().url + '/app/extrato');
  await expect(page.getByTestId('export-csv')).toBeVisible();
});

test('Leitura: looks, takes nothing away, sees nobody’s data', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await arrive(page, clinic, 'reader');
  await page.goto(ready().url + '/app/extrato');
  await expect(page.getByRole('heading', { level: 1, name: 'Extrato' })).toBeVisible();
  await expect(page.getByTestId('balance').first()).toBeVisible();
  await expect(page.getByTestId('export-csv')).toHaveCount(0);
  const refused = await page.evaluate(async (t) => {
    const token = (await (await fetch('/v1/auth/refresh', { method: 'POST' })).json()).accessToken;
    return (await fetch(`/v1/tenants/${t}/ledger/statement.csv`, { headers: { Authorization: `Bearer ${token}` } }))
      .status;
  }, clinic.id);
  expect(refused).toBe(403);
  await page.goto(ready().url + users);
  await expect(page.getByText(denied)).toBeVisible();
});

test('one’s own profile: name, password, theme, shortcuts and e-mails', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic); // without it “Faturas” shows how to connect, and has no search
  await open(page, '/app/perfil', clinic);
  await page.getByLabel('Nome').fill('Ana Lima');
  await page.getByRole('button', { name: 'Salvar nome' }).click();
  await expect(page.getByText('Salvo.').first()).toBeVisible();
  await page.getByLabel('Diferenças na conferência com o Asaas').uncheck();
  await page.getByTestId('shortcuts').check({ force: true });
  await everyWay(page, 'profile');
  await page.reload();
  await expect(page.getByLabel('Nome')).toHaveValue('Ana Lima');
  await expect(page.getByLabel('Diferenças na conferência com o Asaas')).not.toBeChecked();
  await expect(page.getByLabel('Chave recusada')).toBeChecked();
  await expect(page.getByTestId('shortcuts')).toBeChecked();

  await page.getByLabel('Senha atual', { exact: true }).fill('errada-errada');
  await page.getByLabel('Senha nova', { exact: true }).fill('minha-senha-nova-2026');
  await page.getByLabel('Repita a senha nova', { exact: true }).fill('minha-senha-nova-2026');
  await page.getByRole('button', { name: 'Trocar senha' }).click();
  await expect(page.getByText('A senha atual não confere.')).toBeVisible();
  await page.getByLabel('Senha atual', { exact: true }).fill(clinic.password);
  await page.getByRole('button', { name: 'Trocar senha' }).click();
  await expect(page.getByText('Senha trocada.').first()).toBeVisible();
  await page.getByRole('link', { name: 'Faturas' }).click(); // the session goes on
  await expect(page.getByRole('heading', { level: 1, name: 'Faturas' })).toBeVisible();
  await expect(page.locator('main [role=search] input').first()).toBeVisible();
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.keyboard.press('/');
  await expect(page.locator('main [role=search] input').first()).toBeFocused();
});

test('a service token is shown once, lists its use, and ends when revoked', async ({ page }) => {
  const clinic = await newClinic();
  await open(page, '/app/configuracoes/tokens', clinic);
  await expect(page.getByTestId('empty')).toBeVisible();
  await page.getByTestId('token-add').click();
  await page.getByLabel('Nome do programa').fill('faturamento');
  await everyWayIfPictured(page, 'tokens-new');
  await page.getByRole('button', { name: 'Criar', exact: true }).click();
  const token = (await page.getByTestId('value-service-token').textContent())!;
  await everyWay(page, 'tokens');
  const use = () =>
    fetch(`${ready().url}/v1/tenants/${clinic.id}/invoices`, { headers: { Authorization: `Bearer ${token}` } });
  expect((await use()).status).toBe(200);
  await page.reload();
  await expect(page.getByTestId('token-row')).toContainText('faturamento');
  expect(await page.content()).not.toContain(token);
  await page.getByRole('button', { name: 'Revogar faturamento' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revogar' }).click();
  await expect(page.getByTestId('token-row')).toContainText('Revogado');
  await expect.poll(async () => (await use()).status).toBe(401);
});

test('the audit trail says who did what, and what was before', async ({ page }) => {
  const clinic = await newClinic();
  const made = await api(clinic, 'POST', '/users', { name: 'Bia', email: 'b-' + clinic.login, role: 'reader' });
  await api(clinic, 'PATCH', '/users/' + made.id, { role: 'finance' });
  await open(page, '/app/configuracoes/auditoria', clinic);
  const row = page.getByTestId('audit-row').filter({ hasText: 'Alterou um usuário' });
  await expect(row).toContainText('Bia');
  await expect(row).toContainText(/Perfil: Leitura\s*→.*Responsável Financeiro/);
  await expect(page.getByTestId('audit-row').filter({ hasText: 'Criou a clínica' })).toBeVisible();
  await everyWay(page, 'audit');
});

test('the menu leads to the help, and each answer opens', async ({ page }) => {
  const clinic = await newClinic();
  await open(page, '/app', clinic);
  await page.getByRole('navigation', { name: 'Principal' }).getByRole('link', { name: 'Ajuda' }).click();
  await page.getByText('Esqueci minha senha.').click();
  await expect(page.getByText('manda um link por e-mail, que vale 30 minutos')).toBeVisible();
  await everyWay(page, 'help');
  await page.goto(ready().url + '/app/configuracoes');
  await expect(page.getByRole('heading', { level: 1, name: 'Configurações' })).toBeVisible();
  await everyWay(page, 'settings');
});

test('money that nobody expected is taken on and explained', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await play(clinic, 'pix');
  const items = async () => (await api(clinic, 'GET', '/work-items')).data ?? [];
  await expect.poll(async () => (await items()).length).toBeGreaterThan(0);
  await open(page, '/app/pendencias', clinic);
  await expect(page.getByTestId('work-item-row').first()).toContainText('Aberta');
  await expect(page.getByRole('navigation', { name: 'Principal' }).getByTestId('work-item-count')).toHaveText(
    '1 aberta',
  );
  await everyWayIfPictured(page, 'work-items');
  await page.getByTestId('work-item-row').first().getByRole('link').first().click();
  await page.getByRole('button', { name: 'Fico com esta' }).click();
  await expect(page.getByTestId('work-owner')).toHaveText('Ana Admin');
  await page.getByRole('button', { name: 'Resolver pendência' }).click();
  await expect(page.getByText('Escolha o que era este dinheiro.')).toBeVisible();
  await page.getByLabel('É receita da clínica').check();
  await page.getByLabel('Explicação').fill('Consulta paga no balcão.');
  await expect(page.getByTestId('work-preview')).toContainText(/Sai dea explicar: R\$.*Entra emvendas: R\$/);
  await everyWay(page, 'work-item');
  await page.getByRole('button', { name: 'Resolver pendência' }).click();
  await expect(page.getByTestId('work-waiting')).toContainText('Consulta paga no balcão.');
  await everyWayIfPictured(page, 'work-item-waiting');
  await page.getByRole('button', { name: 'Desfazer decisão' }).click();
  await page.getByLabel('É receita da clínica').check();
  await page.getByLabel('Explicação').fill('Consulta paga na recepção.');
  await page.getByRole('button', { name: 'Resolver pendência' }).click();
  // A page that goes away sends what waits, and what was taken back is not sent.
  await expect(page.getByTestId('undo-bar')).toContainText('É receita da clínica');
  await page.goto('about:blank');
  await expect.poll(async () => (await items()).length).toBe(0);
  await page.goto(ready().url + '/app/pendencias?situacao=todas');
  await page.getByTestId('work-item-row').first().getByRole('link').first().click();
  await expect(page.getByTestId('work-solved')).toContainText('Consulta paga na recepção.');
  await page.getByRole('link', { name: 'Todas as pendências' }).click();
  await openFilters(page);
  await page.getByLabel('Situação').selectOption('todas');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('work-item-row').filter({ hasText: 'É receita da clínica' })).toBeVisible();
});

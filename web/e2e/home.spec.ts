import {
  api,
  calm,
  connect,
  everyWay,
  expect,
  firstCheckDone,
  logIn,
  newClinic,
  open,
  play,
  ready,
  stoodStill,
  test,
  watchShifts,
} from './world';

// The first page: whether the balance is Asaas's is answered without a click, by one request.

const moneyPages = ['/app', '/app/faturas', '/app/checkouts', '/app/antecipacoes', '/app/extrato', '/app/disputas'];

test('is my balance right? stands on the first screen, and one button compares it anew', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await firstCheckDone(clinic);
  await play(clinic, 'pix', { amountCents: 123456, reference: 'orc-pix' });
  await play(clinic, 'captured', { amountCents: 20000, reference: 'orc-cartao' });
  await open(page, '/app', clinic);
  const line = page.getByTestId('balance-line');
  await expect(line).toBeInViewport();
  await page.getByTestId('compare-now').click();
  await expect(line).toContainText(/Seu saldo confere com o Asaas: R\$\s0,00 de diferença, conferido hoje \d\d:\d\d/);
  await expect(page.getByTestId('kpi-available')).toHaveText(/^R\$\s1\.2\d\d,\d\d$/);
  await expect(page.getByTestId('kpi-release')).toHaveText(/^R\$\s1\d\d,\d\d$/);
  await expect(page.getByTestId('release-weeks')).toContainText('1 fatura');
  await expect(page.getByTestId('receipt')).toHaveCount(2);
  await expect(page.getByTestId('as-of')).toHaveText(/^Números até \d\d:\d\d/);
  await expect(page.getByTestId('attention')).toContainText('Tudo em dia por aqui.');
  await expect(page.locator('.balance-line.tone-success')).toBeVisible();
  await page.getByTestId('chart-recebido').getByRole('button', { name: 'Ver como tabela' }).click();
  await expect(page.getByTestId('chart-table-recebido').first()).toBeVisible();
  await page.getByTestId('chart-recebido').getByRole('button', { name: 'Ver como tabela' }).click();
  await everyWay(page, 'home-well');
});

test('the first page asks three times at most, and nothing on it moves', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await firstCheckDone(clinic);
  await play(clinic, 'pix', { reference: 'orc-1' });
  // What ends by itself makes the page look again soon: here nothing does.
  const conditions = async () => (await api(clinic, 'GET', '/glance')).conditions.map((c: { kind: string }) => c.kind);
  await expect.poll(conditions, 'the payment is confirmed').not.toContain('unconfirmed');
  await watchShifts(page);
  await page.goto(ready().url + '/app');
  const asked: string[] = [];
  await page.getByLabel('E-mail').waitFor();
  // The feed, which the shell follows from where it ends, brings what changes later.
  page.on('request', (r) => /\/v1\/tenants/.test(r.url()) && !r.url().includes('/feed') && asked.push(r.url()));
  // What is asked once the numbers have come is the page looking again by itself.
  const answered = page.waitForResponse((r) => r.url().endsWith('/glance')).then(() => [...asked]);
  await logIn(page, clinic);
  const first = await answered;
  await expect(page.getByTestId('kpi-available')).toHaveText(/^R\$/);
  await calm(page);
  const parts = first.map((url) => new URL(url).pathname.split('/').slice(4).join('/'));
  expect(parts.sort()).toEqual(['', 'connection', 'glance']);
  await page.reload();
  await expect(page.getByTestId('kpi-available')).toHaveText(/^R\$/);
  await expect(page.locator('[data-testid=chart-recebido] svg').first()).toBeVisible();
  await stoodStill(page, 'inicio');
});

test('a clinic that is not connected sees the card on every page about money, and no zero', async ({ page }) => {
  const clinic = await newClinic();
  await open(page, '/app', clinic);
  for (const path of moneyPages) {
    await page.getByRole('navigation', { name: 'Principal' }).locator(`a[href="${path}"]`).click();
    await expect(page.getByTestId('connect-card')).toBeVisible();
    await expect(page.getByTestId('sign-up').getByRole('link')).toHaveAttribute(
      'href',
      /^https:\/\/sandbox\.asaas\.com\//,
    );
    await expect(page.getByTestId('as-of')).toHaveText('Ainda sem números · Conexão com o Asaas: Desconectada');
    await calm(page);
    await expect(page.locator('main')).not.toContainText(/R\$\s0,00/);
    await expect(page.locator('main')).not.toContainText('Tudo em dia');
    // Below the card a list said that no dispute is open, and offered an empty file.
    await expect(page.getByTestId('empty')).toHaveCount(0);
    await expect(page.getByTestId('export-csv')).toHaveCount(0);
  }
  await page.getByRole('navigation', { name: 'Principal' }).locator('a[href="/app/agenda"]').click();
  await expect(page.getByTestId('empty')).toHaveText(
    'A clínica não está conectada ao Asaas: sem isso não sabemos de prazos.',
  );
  // That all money is explained was said of a clinic of whose money nothing is known.
  await page.getByRole('navigation', { name: 'Principal' }).locator('a[href="/app/pendencias"]').click();
  await expect(page.getByTestId('empty')).toHaveText(
    'Nenhuma pendência aberta; o saldo no Asaas ainda não é conhecido.',
  );
});

test('a reminder is put off for a week and comes back, and put off is not all is well', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await firstCheckDone(clinic);
  await play(clinic, 'boleto_overdue', { amountCents: 7000, reference: 'orc-vencido' });
  await open(page, '/app', clinic);
  const reminder = page.getByTestId('reminder-overdue');
  await reminder.getByRole('button', { name: /^Adiar 7 dias/ }).click();
  await expect(reminder).toContainText(/1 fatura vencida: cobrar · adiado até \d\d\/\d\d\/\d{4}/);
  await expect(page.getByTestId('attention')).not.toContainText('Tudo em dia');
  await expect(page.getByTestId('kpi-overdue')).toHaveText(/^R\$\s70,00$/);
  await page.reload();
  await reminder.getByRole('button', { name: /^Mostrar de novo/ }).click();
  await expect(reminder.getByRole('button', { name: /^Adiar 7 dias/ })).toBeVisible();
  await expect(reminder).not.toContainText('adiado');
});

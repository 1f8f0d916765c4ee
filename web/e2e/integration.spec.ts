import { api, everyWay, expect, everyWayIfPictured, newClinic, open, order, paste, ready, test } from './world';

const page1 = '/app/configuracoes/webhooks/asaas';

test('a pasted key and one click connect a clinic', async ({ page }) => {
  const clinic = await newClinic();
  const asked: string[] = [];
  page.on('request', (r) => asked.push(r.url()));
  await open(page, page1, clinic);
  await expect(page.getByRole('button', { name: /Passo 1 de 4, Ambiente e chave\s?, em andamento/ })).toBeVisible();
  await everyWay(page, 'integration-start');

  await paste(page, 'api-key', `\u200b${clinic.account.apiKey}\n`);
  await expect(page.getByTestId('account-card')).toContainText(`Conta encontrada: ${clinic.name}`);
  await expect(page.getByTestId('wallet-id')).toHaveValue(clinic.account.walletId);
  await page.getByTestId('webhook-ensure').click();
  await expect(page.getByText('Tudo certo! Sua clínica está conectada.').first()).toBeVisible();
  await expect(page.getByTestId('connection-state')).toHaveText('Funcionando');
  await expect(page.getByText('Troca em andamento')).toHaveCount(0); // nothing that was in use is being exchanged
  await everyWay(page, 'integration-done');

  const source = await page.content();
  expect(source).not.toContain(clinic.account.apiKey);
  expect(asked.join()).not.toContain(encodeURIComponent(clinic.account.apiKey).slice(0, 40));
});

const messages: [paste: string, code: string, text: string][] = [
  [
    '$aact_hmlg_ensaio com espaço',
    'inner_whitespace',
    'A chave tem espaços ou quebras de linha no meio. Copie de novo pelo botão do Asaas.',
  ],
  ['0f1e2d3c-4b5a-4c6d-8e7f-901a2b3c4d5e', 'looks_like_wallet', 'Isto parece o ID da carteira, não a chave.'],
  ['sk_live_ensaio', 'not_asaas_key', 'Chaves do Asaas começam com $aact_.'],
  ['$aact_prod_ensaio_producao', 'wrong_environment', 'Esta chave é de Produção'],
  [
    '$aact_hmlg_ensaio_recusada',
    'key_refused',
    'O Asaas recusou a chave. Ela pode ter sido desabilitada, vencida ou excluída.',
  ],
  [
    '$aact_hmlg_ensaio_ip',
    'ip_blocked',
    'O Asaas bloqueou nosso endereço. Libere os IPs abaixo em Mecanismos de segurança.',
  ],
  ['$aact_hmlg_ensaio_limite', 'asaas_rate_limited', 'O Asaas pediu para aguardar'],
  ['$aact_hmlg_ensaio_quebrada', 'asaas_timeout', 'Não conseguimos falar com o Asaas. A chave não foi salva.'],
  ['$aact_hmlg_ensaio_outro_cnpj', 'cnpj_differs', 'A conta Asaas é de outro CNPJ. Confirme que está certo.'],
];

test('each thing that can be wrong with a key has its text, which takes the focus', async ({ page }) => {
  const clinic = await newClinic();
  await open(page, page1, clinic);
  await page.getByRole('button', { name: 'Verificar chave' }).click();
  await expect(page.getByTestId('key-message')).toHaveText('Cole a chave de API gerada no Asaas.');
  const { apiKey: lacking } = await order(`/admin/accounts/${clinic.account.id}/keys`, {
    behaviour: 'no_permission',
    lacks: ['WEBHOOK:READ', 'PAYMENT:READ'],
  });
  for (const [text, code, says] of [
    ...messages,
    [lacking, 'permission_missing', 'A chave funciona, mas falta a permissão: '] as const,
  ]) {
    await paste(page, 'api-key', text);
    const message = page.getByTestId('key-message');
    await expect(message, text).toHaveAttribute('data-code', code);
    await expect(message).toContainText(says);
    await expect(message).toBeFocused();
    if (code === 'ip_blocked') await expect(page.getByTestId('blocked-ips')).toHaveText('127.0.0.1');
  }
});

// A blank-padded token cannot stand in Asaas's panel: it refuses blanks by itself.
const tokens = [
  ['wrong', 'Xk29fLmQzR7wTnB4vHsJ8dPcYgE3aUo6iKtNqWxMbZrLfSvD'],
  ['missing', ''],
] as const;

for (const [name, token] of tokens) {
  test(`a ${name} token in Asaas's panel is reported, and one click mends it`, async ({ page }) => {
    const clinic = await newClinic();
    await open(page, page1, clinic);
    await paste(page, 'api-key', clinic.account.apiKey);
    await page.getByRole('button', { name: 'Prefiro configurar no painel do Asaas' }).click();
    await order(`/admin/accounts/${clinic.account.id}/webhooks`, {
      name: 'PataPay – Faturas',
      url: ready().webhookUrl,
      token,
    });
    await page.getByRole('button', { name: 'Já configurei' }).click();
    await expect(page.getByTestId('other-token')).toContainText(
      /O Asaas chegou aqui às \d\d:\d\d, mas com outro token\. Atualize o token no Asaas\./,
    );
    await everyWayIfPictured(page, `integration-token-${name}`);
    await page.getByRole('button', { name: 'Corrigir para mim' }).click();
    await expect(page.getByText('Tudo certo! Sua clínica está conectada.').first()).toBeVisible();
  });
}

test('another clinic sees nothing of a refused delivery', async ({ page }) => {
  const clinic = await newClinic();
  const other = await newClinic();
  await open(page, page1, clinic);
  await paste(page, 'api-key', clinic.account.apiKey);
  await expect(page.getByTestId('account-card')).toBeVisible();
  await order(`/admin/accounts/${other.account.id}/webhooks`, {
    name: 'x',
    url: ready().webhookUrl,
    token: 'nobodys' + 'Xk29fLmQzR7wTnB4vHsJ8dPcYgE3aUo6iK',
  });
  await order(`/admin/accounts/${other.account.id}/flows/pix`);
  const headers = { Authorization: `Bearer ${ready().adminToken}` };
  const { quarters } = await (
    await fetch(`${ready().url}/v1/tenants/${clinic.id}/connection/traffic`, { headers })
  ).json();
  expect(quarters.every((q: any) => q.refused === 0 && q.deliveries === 0)).toBe(true);
  await expect(page.getByTestId('other-token')).toHaveCount(0);
});

test('nothing for two minutes: what to look at, with what Asaas says of it', async ({ page }) => {
  const clinic = await newClinic();
  await page.clock.install();
  await open(page, page1, clinic);
  await paste(page, 'api-key', clinic.account.apiKey);
  await expect(page.getByTestId('account-card')).toBeVisible();
  // The connection monitor sets the webhook up within seconds. What the page sees is from before that.
  const waiting = await api(clinic, 'GET', '/connection');
  await page.route('**/v1/tenants/*/connection', (route) =>
    route.request().method() === 'GET' ? route.fulfill({ json: waiting }) : route.continue(),
  );
  const says = {
    configurationId: 'x',
    ok: false,
    lines: ['url', 'interrupted', 'enabled', 'events'].map((field) => ({
      field,
      ok: field !== 'interrupted',
      wanted: 'false',
      got: 'true',
    })),
  };
  await page.route('**/v1/tenants/*/connection/webhook', (route) => route.fulfill({ json: says }));
  await page.getByRole('button', { name: 'Prefiro configurar no painel do Asaas' }).click();
  await page.getByRole('button', { name: 'Já configurei' }).click();
  await expect(page.getByTestId('live-wait')).toBeVisible();
  await page.clock.runFor(121_000);
  await expect(page.getByTestId('nothing-yet')).toContainText('Ainda nada?');
  await expect(
    page.getByTestId('nothing-yet').locator('li').filter({ hasText: 'Fila de sincronização ativada' }),
  ).toContainText('Confira no Asaas');
  await expect(page.getByTestId('nothing-yet').locator('li').filter({ hasText: 'URL igual' })).toContainText(
    'Conferido',
  );
  await everyWayIfPictured(page, 'integration-nothing-yet');
});

test('a key without its dollar is completed, and that is told', async ({ page }) => {
  const clinic = await newClinic();
  await open(page, page1, clinic);
  await paste(page, 'api-key', clinic.account.apiKey.slice(1));
  await expect(page.getByTestId('account-card')).toBeVisible();
  await expect(page.getByText('Faltava o cifrão no início; completamos para você.')).toBeVisible();
});

test('by hand: what is copied is what is shown, and the first event connects', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const clinic = await newClinic();
  await open(page, page1, clinic);
  await paste(page, 'api-key', clinic.account.apiKey);
  await page.getByRole('button', { name: 'Prefiro configurar no painel do Asaas' }).click();
  const values: Record<string, string> = {};
  for (const field of ['name', 'url', 'email', 'apiVersion', 'authToken', 'interrupted', 'enabled', 'sendType']) {
    const shown = await page.getByTestId(`value-${field}`).textContent();
    await page.getByTestId(`copy-${field}`).click();
    values[field] = await page.evaluate(() => navigator.clipboard.readText());
    expect(values[field]).toBe(shown);
  }
  expect(values.url).toBe(ready().webhookUrl);
  expect(values.authToken).toMatch(/^[A-Za-z0-9]{48}$/);
  await everyWay(page, 'integration-by-hand');
  await order(`/admin/accounts/${clinic.account.id}/webhooks`, {
    name: values.name,
    url: values.url,
    token: values.authToken,
  });
  await page.getByRole('button', { name: 'Já configurei' }).click();
  await expect(page.getByText('Tudo certo! Sua clínica está conectada.').first()).toBeVisible();
});

test("another account's key is refused and the old one goes on", async ({ page }) => {
  const clinic = await newClinic();
  const other = await newClinic();
  await open(page, page1, clinic);
  await paste(page, 'api-key', clinic.account.apiKey);
  await page.getByTestId('webhook-ensure').click();
  await expect(page.getByTestId('connection-state')).toBeVisible();
  await page.getByRole('button', { name: 'Substituir chave' }).click();
  await paste(page, 'api-key', other.account.apiKey);
  await expect(page.getByTestId('key-message')).toHaveText(
    /A chave nova é de outra conta\. Desconecte antes\.|A conta Asaas é de outro CNPJ/,
  );
  await expect(page.getByTestId('connection-state')).toHaveText('Funcionando');
});
